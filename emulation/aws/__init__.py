"""What servers share: clients of the emulator's APIs, and limits of API Gateway that two of them keep."""
