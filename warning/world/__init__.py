"""The simulated world: rain, river, gateways, phones, people and towers. It judges; it shares no code with the judged."""
