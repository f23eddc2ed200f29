"""The loudspeakers of the villages: what would sound tonight, who opens it, how far it is heard."""
