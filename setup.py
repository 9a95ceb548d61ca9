"""Builds everything with CMake, once, and puts the result into the wheel. All else stands in pyproject.toml.

Environment variables:
    PPINFER_BUILD_TESTS=1   include the fake engine that the tests use
    PPINFER_CMAKE_ARGS      further arguments for CMake, such as "-DPPINFER_WITH_PADDLE=OFF"

A wheel carries its libraries (cmake/bundled/build.py). -DPPINFER_BUNDLED_LIBRARIES=OFF links the system's instead.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent.resolve()
BUILD = ROOT / "build" / f"pip-{sys.implementation.cache_tag}"
LICENCES = BUILD / "licences"  # of the libraries inside the wheel
SCRIPTS = BUILD / "scripts"  # where `cmake --install` leaves clas_system for setuptools


def version() -> str:
    match = re.search(r"project\(ppinfer VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))
    if match is None:
        raise SystemExit("CMakeLists.txt: expected project(ppinfer VERSION x.y.z ...), which holds the version")
    return match.group(1)


def program_rpath() -> str:
    """From the folder of clas_system to the libraries, wherever pip puts the two: venv, user or system."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    here = os.path.relpath(sysconfig.get_path("platlib"), sysconfig.get_path("scripts"))
    candidates = [here, f"../lib/{python}/site-packages", f"../lib/{python}/dist-packages"]
    return ";".join(f"$ORIGIN/{folder}/ppinfer/lib" for folder in dict.fromkeys(candidates))


def debian_hint() -> str:
    """What to install when the build fails for want of a Debian package; empty when none is missing."""
    packages = ["build-essential", "nasm"]
    if "-DPPINFER_BUNDLED_LIBRARIES=OFF" in os.environ.get("PPINFER_CMAKE_ARGS", ""):
        packages = (ROOT / "cmake" / "debian-packages.txt").read_text(encoding="utf-8").split()
    if shutil.which("dpkg-query"):
        query = ["dpkg-query", "-W", "-f=${db:Status-Status}"]
        packages = [p for p in packages if subprocess.run([*query, p], capture_output=True).stdout != b"installed"]
    return f"\nPackages are missing: sudo apt install {' '.join(packages)}" if packages else ""


def tools() -> tuple[str, str, str]:
    """CMake, Ninja and pybind11's CMake files, from the build requirements."""
    try:
        import cmake
        import pybind11
    except ImportError as error:
        raise SystemExit(
            f"The build needs {error.name}. `pip install .` fetches it; with --no-build-isolation, install what "
            "pyproject.toml names under [build-system] first"
        ) from error
    # The package's own BIN_DIR is empty where pip builds in isolation; its program is on PATH everywhere.
    ninja = shutil.which("ninja")
    if ninja is None:
        raise SystemExit("The build needs ninja, which isn't on PATH: pip install ninja")
    return f"{cmake.CMAKE_BIN_DIR}/cmake", ninja, pybind11.get_cmake_dir()


class BuildPackage(build_py):
    def run(self) -> None:
        if not self.editable_mode:  # an earlier build's files must not get into this wheel
            shutil.rmtree(Path(self.build_lib) / "ppinfer", ignore_errors=True)
        super().run()


class BuildWithCMake(build_ext):
    def build_extension(self, ext: Extension) -> None:
        prefix = ROOT / "python" if self.editable_mode else Path(self.build_lib).resolve()
        cmake, ninja, pybind11_dir = tools()
        # --fresh: an isolated build's tools lie in a folder that is gone the next time; objects are kept all the same.
        configure = [cmake, "--fresh", "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja"]
        variables = {
            "CMAKE_BUILD_TYPE": "Release",
            "CMAKE_UNITY_BUILD": "ON",
            "CMAKE_MAKE_PROGRAM": ninja,
            "Python_EXECUTABLE": sys.executable,
            "Python3_EXECUTABLE": sys.executable,
            "PYBIND11_FINDPYTHON": "ON",
            "pybind11_DIR": pybind11_dir,
            "PPINFER_BUILD_PYTHON": "ON",
            "PPINFER_FAKE_ENGINE": "ON" if os.environ.get("PPINFER_BUILD_TESTS", "0") == "1" else "OFF",
            "PPINFER_BUNDLED_LIBRARIES": "ON",
            "PPINFER_PYTHON_DIR": "ppinfer",
            "PPINFER_LIB_INSTALL_DIR": "ppinfer/lib",
            "PPINFER_BIN_INSTALL_DIR": str(SCRIPTS),
            "PPINFER_BIN_INSTALL_RPATH": program_rpath(),
        }
        configure += [f"-D{name}={value}" for name, value in variables.items()]
        self.run_tool(configure + shlex.split(os.environ.get("PPINFER_CMAKE_ARGS", "")))
        jobs = (
            ["--parallel", os.environ["CMAKE_BUILD_PARALLEL_LEVEL"]]
            if "CMAKE_BUILD_PARALLEL_LEVEL" in os.environ
            else []
        )
        self.run_tool([cmake, "--build", str(BUILD), "--target", "ppinfer_python", *jobs])
        for folder in (prefix / "ppinfer" / "lib", LICENCES):
            shutil.rmtree(folder, ignore_errors=True)
        self.run_tool([cmake, "--install", str(BUILD), "--prefix", str(prefix), "--component", "python", "--strip"])

    def run_tool(self, command: list[str]) -> None:
        self.announce(shlex.join(command), level=2)
        try:
            subprocess.run(command, check=True)
        except (subprocess.CalledProcessError, OSError) as error:
            raise SystemExit(f"Building ppinfer's C++ part failed; the reason stands above.{debian_hint()}") from error


class WheelWithLicences(bdist_wheel):
    def write_wheelfile(self, wheelfile_base: str, *arguments: str) -> None:
        # What pip's isolated build asked for first, before there were licences, is complete but for them.
        metadata = Path(wheelfile_base) / "METADATA"
        headers, blank, readme = metadata.read_text(encoding="utf-8").partition("\n\n")
        for licence in sorted(LICENCES.glob("*")):
            shutil.copy(licence, Path(wheelfile_base) / "licenses")
            headers += f"\nLicense-File: {licence.name}"
        metadata.write_text(headers + blank + readme, encoding="utf-8")
        super().write_wheelfile(wheelfile_base, *arguments)


setup(
    version=version(),
    ext_modules=[Extension("ppinfer._core", sources=[])],
    cmdclass={"build_py": BuildPackage, "build_ext": BuildWithCMake, "bdist_wheel": WheelWithLicences},
    data_files=[("bin", [str((SCRIPTS / "clas_system").relative_to(ROOT))])],
)
