"""Gateways: the doors through which people reach their files from elsewhere."""
