#include "split/interactions_reader.hpp"

#include <utility>

namespace persona4rec {

InteractionsRead read_interactions(const InputFile& aspects, const JsonlOptions& options, std::size_t threads,
                                   const std::function<void(AspectRow&&, std::size_t)>& take) {
  InteractionsRead out;
  RowBlocks<AspectRow> blocks(aspects, options, threads);
  out.read = blocks.read([&](const RowView& view) { return read_row<AspectRow>(view, options.read); },
                         [&](AspectRow&& row, const Place& /*place*/) {
                           out.data.add(row.user_id, row.item_id, row.review_id, row.rating, row.timestamp);
                           if (take) take(std::move(row), out.data.size() - 1);
                         });
  return out;
}

}  // namespace persona4rec
