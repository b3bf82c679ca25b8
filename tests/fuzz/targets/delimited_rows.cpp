// Raw reviews and metadata in whatever shape the bytes have: CSV, TSV, one JSON array, JSON Lines.
#include "fuzz/fuzz_target.hpp"
#include "io/jsonl_reader.hpp"
#include "io/rows/raw_rows.hpp"
#include "records/raw_dataset.hpp"

namespace persona4rec {
namespace {

JsonlReader open(const std::filesystem::path& file) {
  return JsonlReader(
      open_raw_rows(LineSource(file),
                    {.numbers = {"rating", "timestamp"}, .values = {"description"}, .required = {}, .header = {}}),
      {.max_bad_rows = 1'000'000, .python_dicts = true});
}

}  // namespace

FUZZ_TARGET(delimited_rows) {
  static const fuzz::ScratchFolder scratch;
  const auto file = scratch.write("raw", input);
  const ReviewSchema review{.item = "item",
                            .user = "author.id",
                            .rating = "rating",
                            .timestamp = "timestamp",
                            .title = "title",
                            .text = "text",
                            .id = "",
                            .time = {}};
  ReviewSchema bare = review;
  bare.rating.clear();
  bare.timestamp.clear();
  for (const auto& schema : {review, bare}) {
    auto reader = open(file);
    while (reader.next([&](const RowView& view) { fuzz::use(read_raw_review(view, schema, reader.row_index())); })) {
    }
  }
  const ItemSchema item{.item = "item", .title = "title", .description = {"description"}, .attributes = ""};
  auto reader = open(file);
  while (reader.next([&](const RowView& view) { fuzz::use(read_raw_item(view, item)); })) {
  }
}

}  // namespace persona4rec
