"""Small wheels under the names and versions of the real ones, with as much inside as the guide's checks use."""

import base64
import hashlib
import os
import zipfile

_TORCH = '''"""A stand-in of torch: as much as the guide's checks use."""
import random
__version__ = "{version}"


class Tensor(list):
    def __repr__(self):
        return "tensor(" + list.__repr__(self) + ")"

    __str__ = __repr__


def rand(*size):
    if len(size) == 1:
        return Tensor(random.random() for _ in range(size[0]))
    return Tensor(rand(*size[1:]) for _ in range(size[0]))


class cuda:
    is_available = staticmethod(lambda: {has_gpu})
    device_count = staticmethod(lambda: int({has_gpu}))

    @staticmethod
    def get_device_name(index=0):
        if not {has_gpu}:
            raise RuntimeError("no GPU in this build")
        return "GeForce RTX 3070"


class version:
    cuda = {cuda!r}
'''

_TENSORFLOW = '''"""A stand-in of tensorflow: as much as the guide's checks use."""
import random as _random
from collections import namedtuple as _namedtuple
__version__ = "{version}"
_Device = _namedtuple("PhysicalDevice", "name device_type")


class Tensor:
    def __init__(self, values):
        self.values = values

    def numpy(self):
        return self.values

    def __repr__(self):
        return "tf.Tensor({{}}, shape=(), dtype=float32)".format(self.values)


def reduce_sum(tensor):
    return Tensor(sum(map(sum, tensor.values)))


class random:
    @staticmethod
    def normal(shape):
        return Tensor([[_random.gauss(0, 1) for _ in range(shape[1])] for _ in range(shape[0])])


class config:
    class experimental:
        @staticmethod
        def get_device_details(device):
            return {{"device_name": "GeForce RTX 3070", "compute_capability": (8, 6)}}

    @staticmethod
    def list_physical_devices(kind=None):
        found = [_Device("/physical_device:CPU:0", "CPU"), _Device("/physical_device:GPU:0", "GPU")]
        return [one for one in found if kind in (None, one.device_type)]


class test:
    @staticmethod
    def gpu_device_name():
        return "/device:GPU:0"
'''

_LAUNCHER = '''"""A stand-in of the kernel's entry point."""
if __name__ == "__main__":
    import sys
    print("kernel of", sys.prefix)
'''

_PLAIN = '"""A stand-in of {name}."""\n__version__ = "{version}"\n'


class StubWheel:
    """One wheel, py3-none-any. `requires` are PEP 508 lines; `modules` maps a path to its text."""

    def __init__(self, name, version, requires=(), extras=(), module=None, text=None, modules=None, scripts=None):
        self.name, self.version = name, version
        self.requires, self.extras = list(requires), list(extras)
        module = module or name.replace("-", "_")
        plain = (text or _PLAIN).format(name=name, version=version, has_gpu="+cu11" in version,
                                        cuda=_cuda_of(version))
        self.files = {module + "/__init__.py": plain}
        self.files.update(modules or {})
        self.scripts = dict(scripts or {})

    @property
    def file_name(self):
        return "{}-{}-py3-none-any.whl".format(self.name.replace("-", "_"), self.version)

    def write(self, folder):
        """Writes the wheel and returns its path."""
        info = "{}-{}.dist-info".format(self.name.replace("-", "_"), self.version)
        files = dict(self.files)
        files[info + "/METADATA"] = self._metadata()
        files[info + "/WHEEL"] = "Wheel-Version: 1.0\nGenerator: lab\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        if self.scripts:
            lines = ["{} = {}".format(*item) for item in sorted(self.scripts.items())]
            files[info + "/entry_points.txt"] = "[console_scripts]\n" + "\n".join(lines) + "\n"
        record = []
        path = os.path.join(folder, self.file_name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
            for name, text in files.items():
                data = text.encode()
                digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
                record.append("{},sha256={},{}".format(name, digest, len(data)))
                wheel.writestr(name, data)
            record.append(info + "/RECORD,,")
            wheel.writestr(info + "/RECORD", "\n".join(record) + "\n")
        return path

    def _metadata(self):
        lines = ["Metadata-Version: 2.1", "Name: " + self.name, "Version: " + self.version,
                 "Summary: stand-in of {} for tests".format(self.name), "Requires-Python: >=3.6"]
        lines += ["Provides-Extra: " + extra for extra in self.extras]
        lines += ["Requires-Dist: " + requirement for requirement in self.requires]
        return "\n".join(lines) + "\n\n"


def _cuda_of(version):
    local = version.partition("+cu")[2]
    return "{}.{}".format(local[:-1], local[-1]) if local else None


def _torch_family(local):
    return [StubWheel("torch", "1.7.1" + local, ["numpy", "typing-extensions"], text=_TORCH),
            StubWheel("torchvision", "0.8.2" + local, ["torch==1.7.1" + local, "numpy"])]


def index_wheels():
    """What the index has: torch there is the build without the tag of a CUDA version, as on PyPI."""
    return _torch_family("") + [
        StubWheel("torchaudio", "0.7.2", ["torch==1.7.1"]),
        StubWheel("tensorflow", "2.4.0", ["numpy~=1.19.2"], text=_TENSORFLOW),
        StubWheel("tensorflow", "2.5.0", ["numpy~=1.19.2"], text=_TENSORFLOW),
        StubWheel("jupyter", "1.0.0", ["ipykernel", "notebook"]),
        StubWheel("notebook", "6.1.5", ["ipykernel"]),
        StubWheel("ipykernel", "5.4.2", modules={"ipykernel_launcher.py": _LAUNCHER,
                                                 "ipykernel/__main__.py": _LAUNCHER}),
        StubWheel("matplotlib", "3.3.3", ["numpy>=1.15"]),
        StubWheel("numpy", "1.19.4"), StubWheel("numpy", "1.18.5"),
        StubWheel("pandas", "1.1.5", ["numpy>=1.15.4"]),
        StubWheel("scipy", "1.5.4", ["numpy>=1.14.5"]),
        StubWheel("scikit-learn", "0.23.2", ["numpy>=1.13.3", "scipy>=0.19.1"], module="sklearn"),
        StubWheel("typing-extensions", "3.7.4.3"),
        StubWheel("some-project", "1.0"), StubWheel("some-project", "2.1rc1"),
        StubWheel("some-project", "2.0", ["speedups>=1; extra == 'fast'"], ["fast"],
                  scripts={"some-project": "some_project:main"}, text=_PLAIN + "\n\ndef main():\n    print({name!r})\n"),
        StubWheel("speedups", "1.3"),
    ]


def link_wheels():
    """What the find-links page has: torch for each CUDA version."""
    return (_torch_family("+cu110") + _torch_family("+cu101") +
            [StubWheel("torchaudio", "0.7.2", ["torch==1.7.1"])])
