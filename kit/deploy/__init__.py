"""Deploys the CDK stacks to a target and does what CloudFormation could not do there."""
