"""Fetches and builds the static libraries that a self-contained ppinfer links.

python cmake/bundled/build.py FOLDER    into FOLDER: include, lib, licences. What is there already isn't built again.

Needs a compiler, nasm, patch, cmake, ninja and meson on PATH, and apt, whose mirrors and proxies it uses. It needs no
root and installs nothing. Tarballs that lie in FOLDER/sources are used without apt. Where apt has no mirror of Debian,
as on Ubuntu, set PPINFER_DEBIAN_MIRROR to the address of one.
"""

from __future__ import annotations

import configparser
import fcntl
import functools
import hashlib
import inspect
import os
import shlex
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent.resolve()
SOURCES = HERE / "sources.ini"
# Keeps each file that a mirror has had, as of the day on which sources.ini was last changed.
SNAPSHOT = "https://snapshot.debian.org/archive/debian/20261201T000000Z"
APT_HELPER = "/usr/lib/apt/apt-helper"
FLAGS = "-O2 -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections"
OTHERWISE = "; -DPPINFER_BUNDLED_LIBRARIES=OFF (in PPINFER_CMAKE_ARGS) builds with the system's libraries instead"


class Build:
    """Builds one library: `source` is its unpacked source, `prefix` the folder that all libraries share."""

    def __init__(self, source: Path, prefix: Path) -> None:
        self.source, self.prefix = source, prefix

    def run(self, *command: str | Path) -> None:
        flags = f"{FLAGS} -ffile-prefix-map={self.source.parent}="  # no path of this machine in the libraries
        environment = os.environ | {"CFLAGS": flags, "CXXFLAGS": flags}
        environment |= {"PKG_CONFIG_LIBDIR": str(self.prefix / "lib/pkgconfig"), "PKG_CONFIG_PATH": ""}
        arguments = [str(argument) for argument in command]
        done = subprocess.run(
            arguments, cwd=self.source, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if done.returncode != 0:
            raise SystemExit(
                f"{done.stdout[-6000:]}\nbundled libraries: failed in {self.source}: {shlex.join(arguments)}"
            )

    def cmake(self, *options: str, folder: str = ".") -> None:
        """Build and install with CMake; options as NAME=VALUE."""
        configure = ["-S", folder, "-B", "ppinfer-build", "-G", "Ninja", *(f"-D{option}" for option in options)]
        common = {
            "BUILD_SHARED_LIBS": "OFF",
            "BUILD_TESTING": "OFF",
            "CMAKE_BUILD_TYPE": "Release",
            "CMAKE_C_FLAGS_RELEASE": "-DNDEBUG",
            "CMAKE_CXX_FLAGS_RELEASE": "-DNDEBUG",
            "CMAKE_FIND_USE_PACKAGE_REGISTRY": "OFF",
            "CMAKE_INSTALL_PREFIX": str(self.prefix),
            "CMAKE_INSTALL_LIBDIR": str(self.prefix / "lib"),  # libjpeg-turbo takes an absolute path only
            "CMAKE_POLICY_VERSION_MINIMUM": "3.5",
            "CMAKE_POSITION_INDEPENDENT_CODE": "ON",
            "CMAKE_PREFIX_PATH": str(self.prefix),
        }
        cmake = os.environ.get("CMAKE_COMMAND", "cmake")
        self.run(cmake, *configure, *(f"-D{name}={value}" for name, value in common.items()))
        self.run(cmake, "--build", "ppinfer-build")
        self.run(cmake, "--install", "ppinfer-build")

    def dav1d(self) -> None:
        options = ["enable_tools=false", "enable_tests=false", "b_staticpic=true", "c_args=-ffunction-sections"]
        command = ["meson", "setup", "ppinfer-build", f"--prefix={self.prefix}", "--libdir=lib", "--buildtype=plain"]
        self.run(*command, "--default-library=static", *(f"-D{option}" for option in options))
        self.run("meson", "install", "-C", "ppinfer-build")

    def zlib(self) -> None:
        """Debian's tarball lacks folders that zlib's CMake files need."""
        self.run("./configure", "--static", f"--prefix={self.prefix}")
        self.run("make", "install-libs", "libdir=" + str(self.prefix / "lib"))

    def bzip2(self) -> None:
        """bzip2's Makefile knows neither ccache nor an install without programs: CMake builds its library here."""
        sources = "blocksort.c huffman.c crctable.c randtable.c compress.c decompress.c bzlib.c"
        (self.source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.24)\nproject(bzip2 C)\n"
            f"add_library(bz2 STATIC {sources})\n"
            "install(TARGETS bz2)\ninstall(FILES bzlib.h DESTINATION include)\n"
        )
        self.cmake()


def off(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}=OFF" for name in names)


# In the order of their needs. What is off isn't read by ppinfer, or would add a library.
RECIPES: dict[str, Callable[[Build], None]] = {
    "zlib": Build.zlib,
    "bzip2": Build.bzip2,
    "xz": lambda build: build.cmake(*off("XZ_NLS", "XZ_DOC"), "XZ_TOOL_XZ=OFF"),
    "zstd": lambda build: build.cmake(
        *off("ZSTD_BUILD_PROGRAMS", "ZSTD_BUILD_SHARED", "ZSTD_BUILD_TESTS", "ZSTD_LEGACY_SUPPORT"),
        folder="build/cmake",
    ),
    "libjpeg-turbo": lambda build: build.cmake(*off("ENABLE_SHARED", "WITH_TURBOJPEG"), "REQUIRE_SIMD=ON"),
    "libpng": lambda build: build.cmake(*off("PNG_SHARED", "PNG_TESTS", "PNG_TOOLS", "PNG_EXECUTABLES")),
    "libwebp": lambda build: build.cmake(
        *off(*(f"WEBP_BUILD_{part}" for part in ("ANIM_UTILS", "CWEBP", "DWEBP", "EXTRAS", "GIF2WEBP", "IMG2WEBP"))),
        *off(*(f"WEBP_BUILD_{part}" for part in ("LIBWEBPMUX", "VWEBP", "WEBPINFO", "WEBPMUX"))),
    ),
    "libtiff": lambda build: build.cmake(
        *off("tiff-tools", "tiff-tests", "tiff-contrib", "tiff-docs", "cxx", "jbig", "lerc", "libdeflate")
    ),
    "libarchive": lambda build: build.cmake(
        *off(*(f"ENABLE_{part}" for part in ("ACL", "CAT", "CNG", "CPIO", "EXPAT", "LIBB2", "LIBXML2", "LZ4", "LZO"))),
        *off(
            *(f"ENABLE_{part}" for part in ("MBEDTLS", "NETTLE", "OPENSSL", "PCRE2POSIX", "PCREPOSIX", "TAR", "TEST"))
        ),
        *off("ENABLE_UNZIP", "ENABLE_XATTR"),
    ),
    "dav1d": Build.dav1d,
    "libyuv": lambda build: build.cmake(*off("UNIT_TEST"), "CMAKE_DISABLE_FIND_PACKAGE_JPEG=ON"),
    # Its own conversion to RGB differs from libyuv's, which Pillow and Debian's libavif use.
    "libavif": lambda build: build.cmake(
        *off("AVIF_BUILD_APPS", "AVIF_BUILD_TESTS"), "AVIF_CODEC_DAV1D=SYSTEM", "AVIF_LIBYUV=SYSTEM"
    ),
    "highway": lambda build: build.cmake(*off("HWY_ENABLE_TESTS", "HWY_ENABLE_EXAMPLES", "HWY_ENABLE_CONTRIB")),
    "yaml-cpp": lambda build: build.cmake(*off("YAML_CPP_BUILD_TOOLS", "YAML_CPP_BUILD_TESTS")),
    "nlohmann-json": lambda build: build.cmake(*off("JSON_BuildTests")),
    "cli11": lambda build: build.cmake(*off("CLI11_BUILD_TESTS", "CLI11_BUILD_EXAMPLES", "CLI11_BUILD_DOCS")),
}


# ---- Sources ---------------------------------------------------------------------------------------------------------


@functools.cache
def sites() -> list[str]:
    """The Debian mirrors of this machine's apt: of releases, and of security updates."""
    if not Path(APT_HELPER).exists():
        raise SystemExit(f"bundled libraries: their sources come by apt, which isn't here{OTHERWISE}")
    if "PPINFER_DEBIAN_MIRROR" in os.environ:
        return [os.environ["PPINFER_DEBIAN_MIRROR"].rstrip("/"), SNAPSHOT]
    query = ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(SITE)", "Created-By: Packages"]
    lines = subprocess.run(query, capture_output=True, text=True, check=True).stdout.split("\n")
    found = list(dict.fromkeys(line.partition("|")[2] for line in lines if line.startswith("Debian|")))
    # As apt's lists may be empty, and a mirror drops what a newer version has replaced.
    return [*(found or ["https://deb.debian.org/debian"]), SNAPSHOT]


def download(place: str, target: Path) -> str:
    """Fetch a file of a mirror. Gives the first mirror's reason when no mirror has the file, else nothing."""
    reason = ""
    for site in sites():
        # Not the target: apt leaves a part there when it is stopped.
        part = target.with_name(target.name + ".part")
        command = [APT_HELPER, "-o", "APT::Sandbox::User=", "download-file", f"{site}/{place}", str(part)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=target.parent)
        if done.returncode == 0:
            part.replace(target)
            return ""
        reason = reason or (done.stderr or done.stdout).strip()
    return reason


def fetch(sha256: str, place: str, folder: Path) -> Path:
    target = folder / Path(place).name
    if not target.exists():
        reason = download(place, target)
        if reason:
            raise SystemExit(
                f"bundled libraries: {target.name} can't be fetched: {reason}\n"
                f"Set PPINFER_DEBIAN_MIRROR, or put the file into {folder}{OTHERWISE}"
            )
    if hashlib.sha256(target.read_bytes()).hexdigest() != sha256:
        raise SystemExit(f"bundled libraries: {target} isn't the file with SHA-256 {sha256}: delete it")
    return target


def unpack(row: configparser.SectionProxy, archives: Path, folder: Path) -> Path:
    """Give the folder of upstream's source, with Debian's patches if sources.ini names them."""
    for key in ("upstream", "debian"):
        if key in row:
            with tarfile.open(fetch(*row[key].split(), archives)) as tarball:
                tarball.extractall(folder)
    (source,) = (entry for entry in folder.iterdir() if entry.name != "debian")
    patches = folder / "debian/patches"
    if "debian" in row:
        for line in (patches / "series").read_text().splitlines():
            name = line.partition("#")[0].strip()
            if name:
                Build(source, source).run("patch", "-p1", "-s", "-i", patches / name.split()[0])
    return source


def stamp_of(row: configparser.SectionProxy, recipe: Callable[[Build], None], before: str) -> str:
    """Hash the source, recipe and flags of a library; `before` is the stamp of the libraries built before it."""
    parts = [
        before,
        FLAGS,
        inspect.getsource(Build),
        inspect.getsource(recipe),
        *(f"{key} {row[key]}" for key in sorted(row)),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def build(rows: configparser.ConfigParser, prefix: Path) -> None:
    archives, stamps, licences = prefix / "sources", prefix / "stamps", prefix / "licences"
    for folder in (archives, stamps, licences):
        folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(prefix / "lock", os.O_CREAT | os.O_RDWR)  # until the process ends
    fcntl.flock(lock, fcntl.LOCK_EX)
    wanted = ""
    missing = [program for program in ("nasm", "patch", "ninja", "meson") if shutil.which(program) is None]
    for name, recipe in RECIPES.items():
        wanted = stamp_of(rows[name], recipe, wanted)
        stamp = stamps / name
        if stamp.exists() and stamp.read_text() == wanted:
            continue
        if missing:
            raise SystemExit(f"bundled libraries: the build needs {', '.join(missing)} on PATH{OTHERWISE}")
        print(f"bundled libraries: {name}", flush=True)
        work = prefix / "work" / name  # one place: ccache finds results by path
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        source = unpack(rows[name], archives, work)
        recipe(Build(source, prefix))
        for licence in rows[name]["licences"].split():
            shutil.copy(source / licence, licences / f"{name}-{Path(licence).name}")
        shutil.rmtree(work)
        stamp.write_text(wanted)


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        raise SystemExit(__doc__)
    rows = configparser.ConfigParser()
    rows.read(SOURCES)
    build(rows, Path(sys.argv[1]).resolve())


if __name__ == "__main__":
    main()
