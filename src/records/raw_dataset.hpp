// Raw review and metadata rows by a dataset's schema (configs/<dataset>.toml).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "persona4rec/dataset.hpp"
#include "persona4rec/records.hpp"
#include "records/row_view.hpp"

namespace persona4rec {

// One usable line of a raw review file.
struct RawReview {
  ReviewId review_id;  // missing in the file: the 0-based row index in the whole file
  ItemId item_id;
  UserId user_id;
  Rating rating;
  Timestamp timestamp;
  std::optional<std::string> title;  // absent when the dataset's schema names no title field
  std::string text;
  std::optional<std::string> raw_start;  // see AspectRow
  bool decoded = false;                  // character references were resolved in title or text
  std::string raw_title, raw_text;       // both as the file has them, where they were; else empty
};

// One line of a raw metadata file. The description is what the dataset's schema joins together.
struct RawItem {
  ItemId item_id;
  std::string title;
  std::string description;
  bool decoded = false;                    // character references were resolved
  std::string raw_title, raw_description;  // without that, where it is so; else empty
  bool script_title = false;               // the title was a page's script (Amazon 2018), dropped
};

// `row_index`: 0-based index of the row in the whole file, the id of a review that has none. Without a rating field
// the rating is none; without a timestamp field the time is a number that orders reviews as schema.order says.
[[nodiscard]] RawReview read_raw_review(const RowView& view, const ReviewSchema& schema, std::uint64_t row_index);

// Title may be missing or null (then ""). The description has a line for each of the schema's fields: texts and lists
// of texts as they are, lists of short entries joined by commas; attributes are parsed, snake_cased, false entries
// dropped.
[[nodiscard]] RawItem read_raw_item(const RowView& view, const ItemSchema& schema);

[[nodiscard]] std::string snake_case(std::string_view camel);

// Throws Error kUsage for a schema that names a field which knows the future (average_rating, also_buy, ...).
void check_schema(const ItemSchema& schema);

}  // namespace persona4rec
