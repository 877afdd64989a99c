"""What stands in for AWS on your machine: small servers, each for a thing AWS does and the emulator not."""
