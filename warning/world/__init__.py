"""The simulated world: rain, river, gateways, people, towers. The judge shares no code with the judged."""
