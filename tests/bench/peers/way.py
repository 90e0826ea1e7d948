"""How one tool is told to do the work."""

import small_work
import work

FOLDER = "/srv/peers"
SOURCE_FILE = "/etc/apt/sources.list.d/example-ml.list"
KEY_FILE = "/etc/apt/keyrings/example-ml.gpg"
PIN_FILE = "/etc/apt/preferences.d/example-ml"
LINKS = "--no-index --find-links " + small_work.WHEELS


class Way:
    """`check` and `make` are argument vectors in the tree: look at all of W without changing anything, and make its Python
    part from nothing; either may be missing. `env` is added to the environment."""

    def __init__(self, name, check=None, make=None, env=None):
        self.name, self.check, self.make, self.env = name, check, make, env or {}


def files(system=True):
    """path -> (content, mode) of the files that W holds beside packages and venvs; `system`: root's too."""
    made = {small_work.HOME + "/.ml_env": (small_work.variables_file(), "0644")}
    for venv in small_work.VENVS:
        made[small_work.kernel_path(venv)] = (small_work.kernel_file(venv), "0644")
    if system:
        made[SOURCE_FILE] = (small_work.SOURCE, "0644")
        made[PIN_FILE] = (work.PIN, "0644")
    return made


def venv_path(venv):
    return "{}/ml/{}".format(small_work.HOME, venv)


def put_files(place):
    """Puts the files of W in place as the peers write them, and copies for those that compare with copies."""
    for path, (text, _) in files().items():
        place.write(path, text)
    put_copies(place)


def put_copies(place):
    """Copies of the files of W, for those that put or compare copies."""
    for path, (text, _) in files().items():
        place.write(copy_of(path), text)


def copy_of(path):
    """Where the copy lies that a peer compares with."""
    return FOLDER + "/files/" + path.rsplit("/", 1)[1] + "-" + path.split("/")[-2]
