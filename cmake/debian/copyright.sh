#!/bin/sh
# Prints the copyright file of the package: ours, and those of the libraries that are linked into the program, as their
# packages on this machine have them.
set -eu
cat <<'TEXT'
mlenvctl, "plan and apply" for machine-learning workstations.

Copyright: the authors of mlenvctl, as its version history names them.
License: no licence has been given to the public.

The program has parts of the following libraries in it, each under its own
terms. What is under the GNU Lesser General Public License 3 (nettle) can be
exchanged by building mlenvctl from its source with another version; the text
of that licence is in /usr/share/common-licenses/LGPL-3. The runtime library of
GCC is in it under the GCC Runtime Library Exception to
/usr/share/common-licenses/GPL-3.
TEXT
for name in libyaml-cpp-dev nettle-dev libboost-filesystem-dev libspdlog-dev libfmt-dev libcli11-dev nlohmann-json3-dev libdtl-dev; do
  file=/usr/share/doc/$name/copyright
  [ -e "$file" ] || continue
  printf '\n--- %s\n\n' "$name"
  cat "$file"
done
