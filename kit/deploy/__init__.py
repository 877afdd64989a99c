"""Puts the CDK stacks into a target and finishes what CloudFormation could not do there."""
