#include "report/workspace/truth_items.hpp"

#include <string_view>
#include <utility>

#include "io/jsonl_reader.hpp"
#include "io/lists/list_shape.hpp"
#include "io/lists/truth_reader.hpp"
#include "io/rows/json_elements.hpp"

namespace persona4rec {
namespace {

using TakeTruth = std::function<void(const UserId&, const ItemId&)>;

bool is_of(std::string_view split, World world) {
  return world == World::kValid ? split == "valid" : split == "test" || split == "reference";
}

void read_rows(std::unique_ptr<RowSource> rows, const TruthOptions& options, const TakeTruth& take) {
  JsonlReader reader(std::move(rows), {.max_bad_rows = options.max_bad_rows});
  const std::function<void(const RowView&)> take_row = [&](const RowView& view) {
    const auto row = read_row<GroundTruthRow>(view);
    const auto split = view.maybe_string("split");
    if (!split || is_of(*split, options.world)) take(row.user_id, row.item_id);
  };
  while (reader.next(take_row)) {
  }
}

}  // namespace

void read_truth_items(const InputFile& input, const TruthOptions& options, const TakeTruth& take) {
  LineSource source(input);
  const auto shape = find_shape(source, options.format);
  if (shape.kind == ListShape::Kind::kLists || shape.kind == ListShape::Kind::kRows) {
    return read_rows(open_json_rows(std::move(source), shape.is_array), options, take);
  }
  read_truth(std::move(source), shape, options.max_bad_rows,
             [&](const UserId& user, const ItemId& item, bool relevant) {
               if (relevant) take(user, item);
             });
}

}  // namespace persona4rec
