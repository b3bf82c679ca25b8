#include "report/workspace/truth_items.hpp"

#include <string_view>
#include <utility>

#include "io/jsonl_reader.hpp"
#include "io/lists/candidate_lists.hpp"
#include "io/lists/trec_reader.hpp"

namespace persona4rec {
namespace {

using TakeTruth = std::function<void(const UserId&, const ItemId&)>;

bool is_of(std::string_view split, World world) {
  return world == World::kValid ? split == "valid" : split == "test" || split == "reference";
}

void read_rows(LineSource source, const TruthOptions& options, const TakeTruth& take) {
  JsonlReader reader(std::move(source), {.max_bad_rows = options.max_bad_rows});
  const std::function<void(const RowView&)> take_row = [&](const RowView& view) {
    const auto row = read_row<GroundTruthRow>(view);
    const auto split = view.maybe_string("split");
    if (!split || is_of(*split, options.world)) take(row.user_id, row.item_id);
  };
  while (reader.next(take_row)) {
  }
}

void read_qrels(LineSource source, const TruthOptions& options, const TakeTruth& take) {
  TrecReader reader(std::move(source), options.max_bad_rows);
  const auto take_line = [&](std::string_view line, const Place& place) {
    const auto row = parse_qrel_line(line, place);
    if (row.relevant) take(row.user_id, row.item_id);
  };
  while (reader.next(take_line)) {
  }
}

}  // namespace

void read_truth_items(const InputFile& input, const TruthOptions& options, const TakeTruth& take) {
  LineSource source(input);
  if (find_format(source, options.format) == ListFormat::kTrec) {
    read_qrels(std::move(source), options, take);
  } else {
    read_rows(std::move(source), options, take);
  }
}

}  // namespace persona4rec
