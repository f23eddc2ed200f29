"""`python -m warning.agent --config agent.yaml`: the same as `raksa agent`, on a box too small for the whole platform."""

import argparse
import sys
from pathlib import Path

from geo.errors import ConfigError
from warning.agent.start import start

if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m warning.agent", description="a village loudspeaker's controller"
    )
    parser.add_argument("--config", type=Path, default=Path("agent.yaml"))
    try:
        sys.exit(start(parser.parse_args().config))
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
