// Rows that are read without a parser: what the scanners take for plain is what the parser reads, to the last bit.
#include <stdexcept>

#include "fuzz/fuzz_target.hpp"
#include "io/line_source.hpp"
#include "io/lists/list_blocks.hpp"
#include "records/row_json.hpp"

namespace persona4rec {
namespace {

// Scores by their 17 digits, so that they differ where a bit does.
std::string text_of(const PlainList& list) {
  std::string text = std::string(list.user) + (list.user_is_integer ? "#" : "");
  for (const auto& item : list.items) {
    text += "\n" + std::string(item.id) + (item.id_is_integer ? "#" : "");
    if (item.score) text += " " + Json(*item.score).dump();
    if (item.base_rank) text += " rank " + std::to_string(*item.base_rank) + (item.has_persona ? " persona" : "");
  }
  return text;
}

void must_agree(std::string_view scanned, std::string_view parsed) {
  if (scanned != parsed) throw std::logic_error(std::string(scanned) + "\nis read as\n" + std::string(parsed));
}

// A line with what is behind it.
struct Line {
  std::string_view text;
  std::string_view rest;
  std::size_t bytes;
};

void must_be_whole(std::size_t scanned, const Line& line) {
  if (scanned != line.bytes) throw std::logic_error("scanned " + std::to_string(scanned) + " bytes of a line");
}

void compare_list(const Line& line, RowParser& parser) {
  static const Place place{.file = "rows", .line = 1};
  PlainList scanned;
  const auto bytes = scan_plain_list(line.rest, {.scores = true, .base_ranks = true}, scanned);
  if (bytes == 0) return;
  must_be_whole(bytes, line);
  std::string copy(line.text);
  PlainList parsed;
  const auto row = read_list_row(parser.parse(copy, place, true), true, true);
  view_list(row, parsed);
  must_agree(text_of(scanned), text_of(parsed));
}

void compare_pair(const Line& line, RowParser& parser) {
  static const Place place{.file = "rows", .line = 1};
  PlainPair pair;
  const auto bytes = scan_plain_pair(line.rest, pair);
  if (bytes == 0) return;
  must_be_whole(bytes, line);
  std::string copy(line.text);
  const auto row = read_row<GroundTruthRow>(parser.parse(copy, place, true));
  must_agree(pair.user, row.user_id.text());
  must_agree(pair.item, row.item_id.text());
}

}  // namespace

// An Error is a finding here too: what was scanned may not be refused.
FUZZ_TARGET(plain_rows) {
  RowParser parser;
  LineBlock block{.bytes = std::string(input), .end = input.size(), .first_line = 1, .holds_first = true};
  try {
    for (BlockLines lines(block); !lines.at_end();) {
      const auto rest = lines.rest();
      const auto text = lines.next();
      const Line line{.text = text, .rest = rest, .bytes = rest.size() - lines.rest().size()};
      compare_list(line, parser);
      compare_pair(line, parser);
    }
  } catch (const Error& error) {
    throw std::logic_error(std::string("scanned, and refused: ") + error.what());
  }
}

}  // namespace persona4rec
