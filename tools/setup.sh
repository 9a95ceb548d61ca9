# shellcheck shell=bash disable=SC2034
# Sourced by tools/demo, tools/test and tools/check: from a bare Debian or Ubuntu machine to a virtual environment with
# ppinfer in it. Each step does nothing when a stamp says that what it depends on hasn't changed.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.venv"
venv_python="$venv/bin/python"
logs="$root/build/logs"
stamps="$venv/stamps"
steps_done=0
cd "$root" || exit 1
unset PYTHONHOME PYTHONPATH

mapfile -t build_packages <cmake/debian-packages.txt
# ccache: installed build and tests compile the same files; opencv-imgcodecs (with imgproc, core): reference pixels;
# libheif1, libjxl-dev: HEIC and JPEG XL; locales: a locale with a decimal comma; clang, its runtime and linker:
# sanitizers and libFuzzer
test_packages=(
  libgtest-dev libgmock-dev libopencv-imgcodecs-dev libheif1 libjxl-dev ccache nasm locales clang libclang-rt-dev lld
)
browser_packages=(chromium chromium-driver) # for the page of `ppinfer report`; Ubuntu has them as a snap only
check_packages=(shellcheck)

step() {  # step TEXT: one line a step; steps_total is the caller's
  steps_done=$((steps_done + 1))
  printf '[%d/%d] %s\n' "$steps_done" "${steps_total:?}" "$*"
}

fail() {  # fail EXIT_CODE LINE...
  local code=$1
  shift
  printf '%s\n' "$@" >&2
  exit "$code"
}

# logged NAME COMMAND...: output goes to a log; shown only when the command fails, which ends the script.
logged() {
  local log="$logs/$1.log"
  shift
  mkdir -p "$logs"
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 30 "$log" >&2
  fail 1 "" "failed: $*" "the whole log: $log"
}

stamped() {  # stamped NAME HASH: has step NAME been done for this HASH?
  [ -f "$stamps/$1" ] && [ "$(<"$stamps/$1")" = "$2" ]
}

stamp() {  # stamp NAME HASH
  mkdir -p "$stamps"
  printf '%s' "$2" >"$stamps/$1"
}

first_time() {  # first_time NAME TEXT: " (TEXT)" when step NAME has never been done
  [ -f "$stamps/$1" ] || printf ' (%s)' "$2"
}

hash_of_files() {  # hash_of_files PATH...: of everything below, build leftovers apart
  find "$@" -type f -not -name '*.pyc' -not -path '*.egg-info/*' -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# ---- Python ----------------------------------------------------------------------------------------------------------

find_python() {  # sets python: $PYTHON, or the first python3 that is new enough
  local candidate
  for candidate in ${PYTHON:+"$PYTHON"} python3 python3.13 python3.12 python3.11 python3.10; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
      python=$candidate
      return
    fi
    [ -z "${PYTHON:-}" ] || break
  done
  fail 2 "Python 3.10 or newer is needed: ${PYTHON:-python3} is missing or older." \
    "If you have one under another name: PYTHON=/path/to/python3 $0"
}

python_packages() {  # Debian packages that $python lacks: to make environments, compile against it, embed it
  "$python" - <<'END'
import importlib.util, os, sys, sysconfig

version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
if importlib.util.find_spec("ensurepip") is None:
    print(f"{version}-venv")
if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    print(f"{version}-dev")
END
}

make_venv() {
  "$venv_python" -c '' 2>/dev/null && return
  rm -rf "$venv"
  logged venv "$python" -m venv "$venv"
}

pip_install() {  # pip_install LOG_NAME ARGUMENT...
  local name=$1
  shift
  logged "$name" "$venv_python" -m pip install --disable-pip-version-check --no-input "$@"
}

install_locked() {  # install_locked LOCK [PIP_ARGUMENT...]: exactly the files that tools/locks/LOCK.txt names
  local lock=$1 hash
  shift
  hash=$(hash_of_files "tools/locks/$lock.txt")
  if stamped "locked-$lock" "$hash"; then return; fi
  pip_install "locked-$lock" --no-compile --require-hashes "$@" -r "tools/locks/$lock.txt"
  # pip compiles on one core. A template that isn't Python yet stays as it is, as with pip.
  "$venv_python" -m compileall -q -j 0 "$venv/lib" >"$logs/compile.log" 2>&1 || true
  stamp "locked-$lock" "$hash"
}

use_ccache() {
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache}
    export CMAKE_C_COMPILER_LAUNCHER=${CMAKE_C_COMPILER_LAUNCHER:-ccache} # of libraries that a wheel carries
  fi
  export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$root} # one build tree finds another's results without preprocessing
}

install_ppinfer() {  # into .venv; with the tests' fake engine when PPINFER_BUILD_TESTS=1 is exported
  local hash
  hash=$(hash_of_files CMakeLists.txt cmake configs cpp python setup.py pyproject.toml)
  # Who asks for no fake engine is content with a build that has it: nothing picks it by itself.
  if stamped ppinfer "$hash with tests"; then return; fi
  if [ "${PPINFER_BUILD_TESTS:-0}" = 1 ]; then hash+=" with tests"; elif stamped ppinfer "$hash"; then return; fi
  use_ccache
  # The system's libraries: bundled ones take minutes to build.
  PPINFER_CMAKE_ARGS="-DPPINFER_BUNDLED_LIBRARIES=OFF ${PPINFER_CMAKE_ARGS:-}" pip_install build --no-build-isolation --no-deps --force-reinstall "$root"
  stamp ppinfer "$hash"
}

# ---- Debian packages -------------------------------------------------------------------------------------------------

missing_packages() {  # missing_packages PACKAGE...
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

install_packages() {  # install_packages PACKAGE...: the missing ones only
  local missing as_root=()
  command -v dpkg-query >/dev/null ||
    fail 2 "This script knows Debian and Ubuntu only. What it needs goes there by these names: $*"
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  local by_hand=("Debian packages are missing: ${missing[*]}" "Install them, then run this again:"
    "  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}")
  if [ "$(id -u)" -ne 0 ]; then
    # sudo may ask for its password only where somebody can answer.
    if ! command -v sudo >/dev/null || { ! sudo -n true 2>/dev/null && { [ ! -t 0 ] || ! sudo -v; }; }; then
      fail 2 "${by_hand[@]}"
    fi
    as_root=(sudo)
  fi
  printf '      installing %s\n' "${missing[*]}"
  logged apt-update "${as_root[@]}" apt-get -q update
  logged apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -y install --no-install-recommends "${missing[@]}"
}

# prepare LOCK PACKAGE...: Debian packages, then the environment with the Python packages of LOCK: two steps
prepare() {
  local lock=$1 packages=()
  shift
  find_python
  mapfile -t packages < <(python_packages)
  step "Debian packages"
  install_packages "$@" "${packages[@]}"
  step "Python environment in .venv$(first_time "locked-$lock" "downloads about 300 MB the first time")"
  make_venv
  export PATH="$venv/bin:$PATH"
  install_locked "$lock"
}

# ---- Models ----------------------------------------------------------------------------------------------------------

make_default_model() {
  [ -f models/efficientnet_lite0/config.txt ] || logged default-model python tools/make_default_model
}

get_sample_photos() {
  [ -d models/sample_photos ] || logged sample-photos python tools/fetch_sample_photos models/sample_photos
}

# What the tests need beyond these: the default model in Paddle's newer format, a model of the older days, and small
# networks with known answers.
make_test_models() {
  local hash
  [ -d models/efficientnet_lite0_pir ] || logged default-model-pir python tools/make_default_model --format pir
  [ -d models/text_direction ] || logged legacy-model python tools/fetch_legacy_model models/text_direction
  hash=$(hash_of_files tests/golden/make_engine_models.py pyproject.toml)
  if stamped test-models "$hash" && [ -d "$PPINFER_TEST_MODELS" ]; then return; fi
  rm -rf "${PPINFER_TEST_MODELS:?}"
  logged test-models python tests/golden/make_engine_models.py "$PPINFER_TEST_MODELS"
  stamp test-models "$hash"
}
