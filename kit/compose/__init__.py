"""The Compose target: image recipes, and what runs inside the containers besides the servers."""
