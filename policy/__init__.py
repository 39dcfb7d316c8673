"""The gates as a policy pack of Pulumi: ``pulumi preview --policy-pack policy``."""
