#!/usr/bin/env bash
# Checks that every idea has one name and one place, in src and include:
#  - no class, struct, union or enum is defined twice in the namespace, anonymous namespaces included: two of a name end
#    in one binary, and the linker takes one of their member functions at random;
#  - a .cpp has a header of its name, beside it or in include/persona4rec/. Where several files define what one header
#    declares, the table below names it;
#  - no folder holds more than 32 source files, no .cpp more than 400 lines, no header more than 200.
#
#   scripts/check_names.sh        exit 1 with file:line for each breach
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# A line each: a pattern of .cpp files, then the header that declares what they define.
readonly declared='
src/main\.cpp                                               src/cli/program.hpp
src/torch_main\.cpp                                         src/cli/torch/torch_module.hpp
src/cli/commands/[a-z_]*_command\.cpp                       src/cli/command_table.hpp
src/eval/(eval_json|eval_table)\.cpp                        include/persona4rec/eval.hpp
src/eval/gate/gate_(expression|table|junit)\.cpp            include/persona4rec/eval_gate.hpp
src/offline/(aspect|persona|prospective|selection|summary)_answer\.cpp  src/offline/answers.hpp
src/rerank/explanation_text\.cpp                             include/persona4rec/explain.hpp
src/records/row_json_lists\.cpp                             src/records/row_json.hpp
src/select/import_judgements\.cpp                           include/persona4rec/select.hpp
'

readonly most_files=32 most_cpp_lines=400 most_hpp_lines=200

list_sources() { find src include -name '*.cpp' -o -name '*.hpp' | LC_ALL=C sort; }

# clang-format leaves what stands in a namespace at the line's begin; classes within classes have other names anyway.
check_definitions() {
  list_sources | xargs -r awk '
    function complain(text) { printf "%s:%d: %s\n", FILENAME, FNR, text; bad = 1 }
    /^(template <[^;{]*> *)?(class|struct|union|enum|enum class) +[A-Za-z_]/ {
      line = $0
      sub(/^template <[^;{]*> */, "", line)
      sub(/^(class|struct|union|enum class|enum) +/, "", line)
      name = line
      sub(/[^A-Za-z0-9_].*$/, "", name)
      rest = substr(line, length(name) + 1)
      if (rest ~ /^ *(;|<|::)/) next  # a declaration, a specialisation, a class within another
      if (name in place) complain("\"" name "\" is defined in " place[name] " too")
      else place[name] = FILENAME ":" FNR
    }
    END { exit bad }'
}

check_headers() {
  local cpp name pattern header found bad=0
  while read -r cpp; do
    name=$(basename "$cpp" .cpp)
    if [ -e "${cpp%.cpp}.hpp" ] || [ -e "include/persona4rec/$name.hpp" ]; then continue; fi
    found=
    while read -r pattern header; do
      if [ -n "$pattern" ] && [[ $cpp =~ ^$pattern$ ]] && grep -qF "#include \"${header#*/}\"" "$cpp"; then found=1; fi
    done <<< "$declared"
    if [ -z "$found" ]; then
      echo "$cpp:1: there is no $name.hpp beside it or in include/persona4rec/"
      bad=1
    fi
  done < <(list_sources | grep '\.cpp$')
  return $bad
}

check_sizes() {
  list_sources | xargs -r wc -l | awk -v cpp="$most_cpp_lines" -v hpp="$most_hpp_lines" -v files="$most_files" '
    $2 == "total" { next }
    { most = $2 ~ /\.cpp$/ ? cpp : hpp }
    $1 > most { printf "%s: %d lines, at most %d are allowed\n", $2, $1, most; bad = 1 }
    { folder = $2; sub(/\/[^\/]*$/, "", folder); count[folder]++ }
    END {
      for (folder in count)
        if (count[folder] > files) { printf "%s: %d source files, at most %d are allowed\n", folder, count[folder], files; bad = 1 }
      exit bad
    }'
}

# What says which program runs it can be run.
check_scripts() {
  local file bad=0
  while read -r file; do
    if [ "$(head -c 2 "$file")" = '#!' ] && [ ! -x "$file" ]; then
      echo "$file: has a #! line and is not executable"
      bad=1
    fi
  done < <(find scripts bench tests .ci -type f \( -name '*.py' -o -name '*.sh' -o -path '.ci/*' \))
  return $bad
}

status=0
check_scripts || status=1
check_definitions || status=1
check_headers || status=1
check_sizes || status=1
[ $status -eq 0 ] && echo "check_names: one definition a name, a header for every source, sizes as designed, scripts that run"
exit $status
