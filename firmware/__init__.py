"""twc-bridge: master on the load-sharing bus of Gen2 wall connectors."""

VERSION = "0.1.0"
