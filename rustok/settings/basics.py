"""What the other parts of the settings build on: the environment, the folders, how serious it is."""

from pathlib import Path

from rustok.environment import Environment

env = Environment()
BASE_DIR = Path(__file__).resolve().parents[2]
HOME = Path(env.text("RUSTOK_HOME", str(BASE_DIR / ".rustok")))

DEBUG = env.flag("DEBUG", False)
#: The demo: known passwords, plain http on localhost. Never set it where strangers can reach.
DEMO = env.flag("RUSTOK_DEMO", False)
