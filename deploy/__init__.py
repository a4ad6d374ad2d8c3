"""Where it runs: a local stack of real servers, provisioning, status, the demo."""
