"""Local stand-ins for AWS: small servers, each for something that AWS does and the emulator does not."""
