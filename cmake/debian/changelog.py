"""CHANGELOG.md as Debian's tools read a changelog: `changelog.py CHANGELOG.md "NAME <ADDRESS>"`."""

import datetime
import email.utils
import re
import sys
import textwrap


def releases(lines):
    """(version, date, points) of each released version, newest first."""
    found = []
    for line in lines:
        heading = re.match(r"## (\d\S*) - (\d{4}-\d\d-\d\d)$", line)
        if heading:
            found.append((heading[1], heading[2], []))
        elif line.startswith("## "):
            found.append((None, None, []))
        elif found and line.startswith("- "):
            found[-1][2].append(line[2:].strip())
        elif found and found[-1][2] and line.startswith("  "):
            found[-1][2][-1] += " " + line.strip()
    return [each for each in found if each[0]]


def entry(version, date, points, maintainer):
    """One version as Debian writes it."""
    noon = datetime.datetime.strptime(date, "%Y-%m-%d").replace(hour=12, tzinfo=datetime.timezone.utc)
    told = [textwrap.fill(point, 78, initial_indent="  * ", subsequent_indent="    ", break_long_words=False,
                          break_on_hyphens=False) for point in points]
    return "mlenvctl ({}) unstable; urgency=medium\n\n{}\n\n -- {}  {}\n".format(
        version, "\n".join(told), maintainer, email.utils.format_datetime(noon))


def main():
    with open(sys.argv[1], encoding="utf-8") as source:
        print("\n".join(entry(*each, sys.argv[2]) for each in releases(source.read().splitlines())), end="")


if __name__ == "__main__":
    main()
