// Raw reviews and metadata under a dataset's schema; gzip where the bytes say so.
#include "fuzz/fuzz_target.hpp"
#include "io/jsonl_reader.hpp"
#include "records/raw_dataset.hpp"

namespace persona4rec {
namespace {

void read_reviews(const std::filesystem::path& file, const ReviewSchema& schema) {
  JsonlReader reader(file, {.max_bad_rows = 1'000'000});
  while (reader.next([&](const RowView& view) { fuzz::use(read_raw_review(view, schema, reader.row_index())); })) {
  }
}

void read_items(const std::filesystem::path& file, const ItemSchema& schema) {
  JsonlReader reader(file, {.max_bad_rows = 1'000'000});
  while (reader.next([&](const RowView& view) { fuzz::use(read_raw_item(view, schema)); })) {
  }
}

}  // namespace

FUZZ_TARGET(raw_rows) {
  static const fuzz::ScratchFolder scratch;
  const auto file = scratch.write("raw.jsonl", input);
  const ReviewSchema amazon{.item = "parent_asin",
                            .user = "user_id",
                            .rating = "rating",
                            .timestamp = "timestamp",
                            .title = "title",
                            .text = "text",
                            .id = "",
                            .time = {}};
  const ReviewSchema yelp{.item = "business_id",
                          .user = "user_id",
                          .rating = "stars",
                          .timestamp = "date",
                          .title = "",
                          .text = "text",
                          .id = "review_id",
                          .time = {.unit = TimeUnit::kFormat, .format = "%Y-%m-%d %H:%M:%S"}};
  const ItemSchema item{
      .item = "business_id", .title = "name", .description = {"categories", "description"}, .attributes = "attributes"};
  read_reviews(file, amazon);
  read_reviews(file, yelp);
  read_items(file, item);
}

}  // namespace persona4rec
