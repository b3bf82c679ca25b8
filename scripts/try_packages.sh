#!/usr/bin/env bash
# Tries the packages of scripts/make_packages.sh on a bare Debian 12, in a chroot: installs the .deb with apt, runs
# data/tiny to its metrics, serves a list without persona4rec-torch, removes the packages and looks at what is left;
# then unpacks the .tar.gz, moves the folder and runs that. Needs root and mmdebstrap; the packages of Debian come from
# where this machine's apt has them from.
#
#   scripts/try_packages.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly packages=$PWD/build/packages
[ "$(id -u)" = 0 ] || { echo "try_packages: needs root, for chroot" >&2; exit 2; }
command -v mmdebstrap > /dev/null || { echo "try_packages: needs mmdebstrap" >&2; exit 2; }
compgen -G "$packages/*.deb" > /dev/null || { echo "try_packages: run scripts/make_packages.sh first" >&2; exit 2; }

root=$(mktemp -d /var/tmp/persona4rec.XXXXXX)
trap 'umount -q "$root/proc" "$root/dev" || true; rm -rf --one-file-system "$root"' EXIT
say() { printf '\n== %s\n' "$*"; }
inside() {
  chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive \
    APT_CONFIG=/packages/apt.conf ${http_proxy:+http_proxy="$http_proxy"} bash -euc "$*"
}

say "a bare Debian 12"
mapfile -t sources < <(apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) main' 'Created-By: Packages' | sort -u |
  grep ' bookworm')
printf '%s\n' "${sources[@]}" | mmdebstrap --quiet --variant=apt bookworm "$root" - > /dev/null
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
cp /etc/resolv.conf "$root/etc/resolv.conf"
for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf.d/*registry*; do
  if [ -e "$file" ]; then cp "$file" "$root/etc/apt/apt.conf.d/"; fi
done
mkdir "$root/packages" && cp "$packages"/* "$root/packages/"
echo 'Dpkg::Use-Pty "0";' > "$root/packages/apt.conf"  # there is no /dev/pts
inside 'apt-get -qq update'

say "two commands from nothing to the result of data/tiny"
time inside 'apt-get install -qq -y /packages/persona4rec_*.deb /packages/persona4rec-torch_*.deb > /install.log 2>&1 || { cat /install.log; exit 1; }'
time inside 'mkdir /work; cd /work; /usr/share/persona4rec/scripts/run_pipeline.sh 2> /run.log || { cat /run.log; exit 1; }'
inside 'persona4rec doctor --workspace /work/persona4rec-tiny; man -w persona4rec > /dev/null 2>&1 || ls /usr/share/man/man1/persona4rec.1*'

say "a config by its name, and a machine that serves alone"
inside 'apt-get remove -qq -y persona4rec-torch > /dev/null'
inside 'cd /work/persona4rec-tiny; persona4rec rerank --config tiny --workspace . --candidates candidate.test.jsonl --reranked again.jsonl; cmp again.jsonl reranked.jsonl'
inside 'cd /work; persona4rec encode --config tiny --input /dev/null --output /dev/null' && { echo "encode went on without its module"; exit 1; }

say "removed: what is left beside the workspace and what apt brought"
inside 'apt-get purge -qq -y persona4rec > /dev/null; apt-get autoremove -qq -y --purge > /dev/null'
inside 'find / -xdev \( -path "*persona4rec*" -o -path "*libtorch*" \) ! -path "/packages/*" ! -path "/work/*" ! -path "/proc/*" ! -path "/var/*"' |
  { if grep .; then echo "left behind" >&2; exit 1; else echo "nothing"; fi; }

say "the .tar.gz, unpacked and moved"
needs=$(for deb in "$packages"/*.deb; do dpkg-deb -f "$deb" Depends; done | sed 's/([^)]*)//g; s/|[^,]*//g' | tr ',' '\n' |
  grep -v persona4rec | sort -u | xargs)
echo "needs: $needs"
inside "apt-get install -qq -y --no-install-recommends python3 $needs > /install.log 2>&1 || { cat /install.log; exit 1; }"
inside 'mkdir /a; cd /a; for f in /packages/*.tar.gz; do tar xzf $f; done; mv persona4rec-* /moved; /moved/bin/persona4rec version; /moved/bin/persona4rec doctor --workspace /work'
inside 'cd /; /moved/share/persona4rec/scripts/run_pipeline.sh --workspace /work/again > /moved.out 2>&1 || { cat /moved.out; exit 1; }; cmp /work/again/reranked.jsonl /work/persona4rec-tiny/reranked.jsonl; echo "the same bytes"'
