"""What runs on AWS: one package per bounded context, all of one shape."""
