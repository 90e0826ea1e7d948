#!/bin/sh
# The recipe `torch-workspace` (torch-workspace.yaml), made by
#   mlenvctl export torch-workspace.yaml --format shell --user student
#
# For ubuntu 22.04, x86_64, a GPU of compute capability 7.0. Edit the recipe rather than this file,
# and export again.
#
# It stops at the first command that fails, and can be run again.

set -eu
umask 022

stop() { printf 'stopped: %s\n' "$*" >&2; exit 4; }

[ "$(. /etc/os-release && printf '%s %s' "$ID" "$VERSION_ID")" = 'ubuntu 22.04' ] ||
  stop 'this is for ubuntu 22.04'
[ "$(id -un)" = 'student' ] ||
  stop 'this is for the user student; `mlenvctl export --user NAME` makes another'

# Runs the commands on standard input as root.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then sh -eu; else sudo sh -eu; fi
}

# What the steps below are done with
as_root <<'END_OF_ROOT'
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get -y install --no-install-recommends -- ca-certificates curl gpg < /dev/null
END_OF_ROOT

# env_var.ML_PATH
test ! -e /home/student/.bashrc || sed -i --follow-symlinks '/^# >>> mlenvctl env >>>/,/^# <<< mlenvctl env <<</d' /home/student/.bashrc
printf '%s\n' \
  '# >>> mlenvctl env >>>' \
  '# Made by mlenvctl; what is changed between these lines is overwritten.' \
  '#: ML_PATH 1' \
  'export ML_PATH='\''/home/student/ml'\''' \
  '# <<< mlenvctl env <<<' \
  >> /home/student/.bashrc
test ! -e /home/student/.profile || sed -i --follow-symlinks '/^# >>> mlenvctl env >>>/,/^# <<< mlenvctl env <<</d' /home/student/.profile
printf '%s\n' \
  '# >>> mlenvctl env >>>' \
  '# Made by mlenvctl; what is changed between these lines is overwritten.' \
  '#: ML_PATH 1' \
  'export ML_PATH='\''/home/student/ml'\''' \
  '# <<< mlenvctl env <<<' \
  >> /home/student/.profile
test ! -e /home/student/.config/environment.d/60-mlenvctl.conf || sed -i --follow-symlinks '/^# >>> mlenvctl env >>>/,/^# <<< mlenvctl env <<</d' /home/student/.config/environment.d/60-mlenvctl.conf
mkdir -p -- /home/student/.config/environment.d
printf '%s\n' \
  '# >>> mlenvctl env >>>' \
  '# Made by mlenvctl; what is changed between these lines is overwritten. This file is mlenvctl'\''s own.' \
  '#: ML_PATH 1' \
  'ML_PATH="/home/student/ml"' \
  '# <<< mlenvctl env <<<' \
  >> /home/student/.config/environment.d/60-mlenvctl.conf

# directory./home/student/ml
mkdir -p -- /home/student/ml

# file./etc/modprobe.d/mlenvctl-nouveau.conf
as_root <<'END_OF_ROOT'
mkdir -p -- /etc/modprobe.d
printf '%s\n' \
  'blacklist nouveau' \
  'options nouveau modeset=0' \
  > /etc/modprobe.d/mlenvctl-nouveau.conf
END_OF_ROOT

# cuda_repo.ubuntu2204
as_root <<'END_OF_ROOT'
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
curl -fsSL -o "$GNUPGHOME/key" https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/3bf863cc.pub \
  || curl -fsSL -o "$GNUPGHOME/key" https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/3BF863CC.pub \
  || curl -fsSL -o "$GNUPGHOME/key" https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/3bf863cc.pub
keys=$(gpg --batch --quiet --with-colons --import-options show-only --import "$GNUPGHOME/key" \
  | awk -F: '$1 == "pub" { primary = 1 } $1 == "fpr" && primary { print $10; primary = 0 }')
test -n "$keys" || { echo 'the key of cuda-ubuntu2204-x86_64 is not EB693B3035CD5710E231E123A4B469963BF863CC' >&2; exit 1; }
for key in $keys; do case ' EB693B3035CD5710E231E123A4B469963BF863CC ' in *" $key "*) ;; *) \
  { echo 'the key of cuda-ubuntu2204-x86_64 is not EB693B3035CD5710E231E123A4B469963BF863CC' >&2; exit 1; } ;; esac; done
mkdir -p /etc/apt/keyrings
if grep -q -e '-----BEGIN PGP' "$GNUPGHOME/key"; then gpg --batch --dearmor < "$GNUPGHOME/key" > /etc/apt/keyrings/cuda-ubuntu2204-x86_64.gpg; \
  else cp "$GNUPGHOME/key" /etc/apt/keyrings/cuda-ubuntu2204-x86_64.gpg; fi
chmod 0644 /etc/apt/keyrings/cuda-ubuntu2204-x86_64.gpg
rm -rf "$GNUPGHOME"
unset GNUPGHOME
for other in $(grep -lsF https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64 /etc/apt/sources.list.d/*.list \
  /etc/apt/sources.list.d/*.sources || true); do \
  test "$other" = /etc/apt/sources.list.d/cuda-ubuntu2204-x86_64.sources || mv "$other" "$other.disabled"; done
printf '%s\n' \
  '# made by mlenvctl (cuda_repo.ubuntu2204)' \
  'Package: nsight-compute' \
  'Pin: origin *ubuntu.com*' \
  'Pin-Priority: -1' \
  '' \
  'Package: nsight-systems' \
  'Pin: origin *ubuntu.com*' \
  'Pin-Priority: -1' \
  '' \
  'Package: *' \
  'Pin: release l=NVIDIA CUDA' \
  'Pin-Priority: 600' \
  > /etc/apt/preferences.d/cuda-repository-pin-600
printf '%s\n' \
  '# made by mlenvctl (cuda_repo.ubuntu2204)' \
  'Types: deb' \
  'URIs: https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/' \
  'Suites: /' \
  'Signed-By: /etc/apt/keyrings/cuda-ubuntu2204-x86_64.gpg' \
  > /etc/apt/sources.list.d/cuda-ubuntu2204-x86_64.sources
END_OF_ROOT

# apt_package.git, apt_package.python3-venv, apt_package.cuda-drivers-580,
#   apt_package.cuda-toolkit-12-4
as_root <<'END_OF_ROOT'
apt-get update
DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
  -o DPkg::Lock::Timeout=600 install -- git python3-venv cuda-drivers-580 cuda-toolkit-12-4 < /dev/null
END_OF_ROOT

# venv.torch
test -e /home/student/ml/torch/bin/python || /usr/bin/python3 -m venv /home/student/ml/torch
printf '%s\n' \
  '{' \
  '  "format": "mlenvctl.venv/1",' \
  '  "made": true,' \
  '  "latest": {}' \
  '}' \
  > /home/student/ml/torch/.mlenvctl.json
PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 /home/student/ml/torch/bin/python -m pip install \
  --upgrade -- pip
/home/student/ml/torch/bin/python -c \
  'import json, sys; path, names = sys.argv[1], sys.argv[2:]; marker = json.load(open(path)); marker["latest"].update(zip(names[::2], names[1::2])); json.dump(marker, open(path, "w"), indent=2)' \
  /home/student/ml/torch/.mlenvctl.json \
  pip "$(/home/student/ml/torch/bin/python -m pip show pip | sed -n 's/^Version: //p')"

# pip_package.torch/torch
PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 /home/student/ml/torch/bin/python -m pip install \
  --extra-index-url https://download.pytorch.org/whl/cu124 -- torch==2.5.1+cu124

# pip_package.torch/ipykernel
mkdir -p -- /home/student/ml/torch/.mlenvctl-tmp
printf '%s\n' \
  'torch==2.5.1+cu124' \
  > /home/student/ml/torch/.mlenvctl-tmp/constraints.txt
PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 /home/student/ml/torch/bin/python -m pip install \
  --constraint /home/student/ml/torch/.mlenvctl-tmp/constraints.txt -- ipykernel
rm -rf -- /home/student/ml/torch/.mlenvctl-tmp

# jupyter_kernel.torch
mkdir -p -- /home/student/.local/share/jupyter/kernels/torch
printf '%s\n' \
  '{' \
  ' "argv": [' \
  '  "/home/student/ml/torch/bin/python",' \
  '  "-m",' \
  '  "ipykernel_launcher",' \
  '  "-f",' \
  '  "{connection_file}"' \
  ' ],' \
  ' "display_name": "Python (torch)",' \
  ' "language": "python",' \
  ' "metadata": {' \
  '  "debugger": true' \
  ' }' \
  '}' \
  > /home/student/.local/share/jupyter/kernels/torch/kernel.json

# file./home/student/.config/pip/pip.conf
mkdir -p -- /home/student/.config/pip
printf '%s\n' \
  '[global]' \
  'timeout = 60' \
  > /home/student/.config/pip/pip.conf

# The recipe's checks: `sh THIS_FILE --check`
if [ "${1-}" = --check ]; then
# torch sees the GPU
code=0
output=$(env VIRTUAL_ENV=/home/student/ml/torch PATH=/home/student/ml/torch/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin /home/student/ml/torch/bin/python -c 'import torch
assert torch.cuda.is_available()
') || code=$?
printf '%s\n' "$output"
[ "$code" -eq 0 ] || stop 'torch sees the GPU: expected exit code 0'
fi
