"""The version, which is that of the library, and the platform of a wheel that holds it. See wheel.sh."""

import re
from pathlib import Path

from setuptools import setup
from wheel.bdist_wheel import bdist_wheel

HERE = Path(__file__).parent


class Wheel(bdist_wheel):
    """A wheel with a library is for one platform, but for every version of Python."""

    def finalize_options(self):
        super().finalize_options()
        self.root_is_pure = not any(HERE.glob("bouton/lib/*.so*"))

    def get_tag(self):
        python, abi, platform = super().get_tag()
        return ("py3", "none", platform) if not self.root_is_pure else (python, abi, platform)


header = HERE / "version.h"  # wheel.sh puts the header there
if not header.exists():
    header = HERE.parent / "runtime/include/bouton/runtime.h"
version = re.search(r'^#define BR_VERSION "(.*)"', header.read_text(), re.MULTILINE).group(1)
setup(version=version, cmdclass={"bdist_wheel": Wheel})
