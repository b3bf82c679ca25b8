#!/usr/bin/env bash
# Checks who includes whom: the modules' layers, stage -> stage (forbidden), and third-party headers outside the modules
# that may use them. The link graph in CMakeLists.txt says the same; this catches headers that need no linking.
#
#   scripts/check_layers.sh        exit 1 with file:line for each breach
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A line each: module, then the modules whose src/ headers it may include beside its own. Stages never stand on the right.
readonly allowed='
base
records         base
io              base records
split           base records io
workspace       base records io
lexical         base
matching        base lexical
first_stage     base records lexical
profiles        base records io split lexical matching
asking          base records io
offline         base lexical asking
llm             base records io asking
encoder         base records io matching
extract_aspects base records io asking
summarize       base records io asking
personas        base records io asking split lexical
prepare         base records io split
select          base records io asking lexical
candidates      base records io split first_stage lexical
cache           base records io split lexical matching profiles
rerank          base records io split lexical matching
eval            base records io matching
report          base records io
train           base records io split lexical matching profiles first_stage encoder asking offline
cli             base records io asking lexical matching llm offline encoder report workspace
main.cpp        base cli
torch_main.cpp  base cli
'

# A line each: a pattern of third-party headers, then the modules that may include them. None may stand in include/.
readonly third_party='
^(torch|ATen|c10|caffe2)/   encoder train torch_main.cpp
^CLI/                       cli
^toml\+\+/                  cli
^curl/                      llm
^sqlite3\.h$                llm
^spdlog/                    base
^fmt/                       base
^simdjson                   records io
^Eigen/                     first_stage
^openssl/                   base
^zlib\.h$                   io
^utf8proc                   base encoder
'

# Public headers that are one stage's own promise: for that stage and for cli.
readonly stages=' extract_aspects summarize personas prepare select train cache rerank eval candidates report '
# Further public headers of a stage, header=stage.
readonly stage_parts='explain=rerank eval_gate=eval'

# file:line:header, for every #include of the program and the public headers.
list_includes() {
  grep -rnoE --include='*.hpp' --include='*.cpp' '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"][^>"]+' src include |
    sed -E 's/#.*[<"]//; s/:[[:space:]]*/:/g'
}

list_includes | awk -F: -v allowed="$allowed" -v third_party="$third_party" -v stages="$stages" -v parts="$stage_parts" '
BEGIN {
  count = split(stages, words, " ")
  for (i = 1; i <= count; i++) stage_of[words[i]] = words[i]
  count = split(parts, words, " ")
  for (i = 1; i <= count; i++) {
    split(words[i], pair, "=")
    stage_of[pair[1]] = pair[2]
  }
  count = split(allowed, lines, "\n")
  for (i = 1; i <= count; i++) {
    n = split(lines[i], words, " ")
    if (n == 0) continue
    known[words[1]] = 1
    for (j = 1; j <= n; j++) may[words[1], words[j]] = 1
  }
  count = split(third_party, lines, "\n")
  for (i = 1; i <= count; i++) {
    n = split(lines[i], words, " ")
    if (n == 0) continue
    pattern[++patterns] = words[1]
    for (j = 2; j <= n; j++) user[words[1], words[j]] = 1
  }
}
function complain(text) { printf "%s:%s: %s\n", $1, $2, text; bad = 1 }
{
  seen++
  split($1, path, "/")
  module = path[1] == "include" ? "include" : path[2]
  header = $3
  split(header, part, "/")
  target = part[1]
  if (module != "include" && !(module in known) && !(module in named)) {
    named[module] = 1
    complain("module \"" module "\" is not in scripts/check_layers.sh")
  }
  if (target == "persona4rec") {
    name = part[2]
    sub(/\.hpp$/, "", name)
    here = path[3]
    sub(/\.hpp$/, "", here)
    by = module != "include" ? module : (here in stage_of) ? stage_of[here] : ""
    if (name in stage_of && by != stage_of[name] && by != "cli") complain("includes the stage header " header)
  } else if (target in known) {
    if (module == "include") complain("a public header includes " header)
    else if (module in known && !((module, target) in may)) complain(module " may not include " header)
  }
  for (i = 1; i <= patterns; i++)
    if (header ~ pattern[i] && !((pattern[i], module) in user)) complain(module " may not include " header)
}
END {
  if (seen == 0) { print "check_layers: no includes found"; exit 1 }
  exit bad
}'
echo "check_layers: include directions are as designed"
