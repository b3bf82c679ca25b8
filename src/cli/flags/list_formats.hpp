// Words for the formats that lists are read and written in.
#pragma once

#include "cli/flags/values.hpp"
#include "persona4rec/list_format.hpp"

namespace persona4rec {

// --format, --truth-format.
[[nodiscard]] inline Choices<ListFormat> list_format_choices() {
  return {{"auto", ListFormat::kAuto},
          {"jsonl", ListFormat::kJsonl},
          {"csv", ListFormat::kCsv},
          {"json", ListFormat::kJson},
          {"trec", ListFormat::kTrec}};
}

// --output-format.
[[nodiscard]] inline Choices<ListOutput> list_output_choices() {
  return {{"auto", ListOutput::kByName},
          {"jsonl", ListOutput::kJsonl},
          {"csv", ListOutput::kCsv},
          {"tsv", ListOutput::kTsv},
          {"trec", ListOutput::kTrec}};
}

}  // namespace persona4rec
