"""What the bundled styles do to footage, measured against drawings that they were not learnt from."""
