"""The installation of template.yaml on one machine: MiniStack for AWS, DynamoDB Local for the store's own tests.

Where to start: `deployment.Deployment` for tests in Python, `python -m emulation` (run in tests/aws) for all others.
Nothing here listens on anything but loopback, and nothing needs a network or an account.
"""
