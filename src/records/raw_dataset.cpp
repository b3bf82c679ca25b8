#include "records/raw_dataset.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ascii.hpp"
#include "base/hash.hpp"
#include "base/html.hpp"
#include "base/utf8.hpp"
#include "records/python_literal.hpp"
#include "records/review_uid.hpp"
#include "records/row_fields.hpp"

namespace persona4rec {
namespace {

// Fields of raw metadata that are only known after the reviews were written.
constexpr std::array<std::string_view, 5> kFutureFields{"average_rating", "rating_number", "bought_together",
                                                        "also_buy", "also_viewed"};

constexpr std::size_t kListEntryBytes = 40;  // lists of such short entries (categories) go on one line

void append_part(std::string& text, std::string_view part, std::string_view separator) {
  part = trim(part);
  if (part.empty()) return;
  if (!text.empty()) text += separator;
  text += part;
}

// A title that is the script of the page it was taken from, as in Amazon's metadata of 2018.
bool is_script(std::string_view title) {
  return title.find("getTime()") != std::string_view::npos || title.find("<script") != std::string_view::npos;
}

// One description field: a text, a list (nested ones too), an object.
std::string field_text(const Json& value) {
  if (value.is_string()) return std::string(trim(value.get_ref<const std::string&>()));
  if (value.is_null()) return {};
  if (!value.is_array()) return value.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::vector<std::string> entries;
  for (const auto& element : value) entries.push_back(field_text(element));
  const bool is_list = std::ranges::all_of(entries, [](const auto& entry) { return entry.size() <= kListEntryBytes; });
  std::string text;
  for (const auto& entry : entries) append_part(text, entry, is_list ? ", " : "\n");
  return text;
}

// Attribute values: Python literals in strings, parsed; nested objects keep only what is true or says something.
Json clean_attribute(const Json& value) {
  if (value.is_string()) {
    Json parsed = parse_python_literal(value.get_ref<const std::string&>());
    return parsed.is_string() ? parsed : clean_attribute(parsed);
  }
  if (!value.is_object()) return value;
  Json out = Json::object();
  for (const auto& [key, child] : value.items()) {
    Json cleaned = clean_attribute(child);
    if (!cleaned.is_null() && cleaned != Json(false)) out[snake_case(key)] = std::move(cleaned);
  }
  return out;
}

std::string attribute_value(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_object()) return value.dump();
  std::string text;
  for (const auto& [key, child] : value.items()) {
    text += (text.empty() ? "" : ", ") + key + (child == Json(true) ? "" : " " + attribute_value(child));
  }
  return text;
}

std::string attribute_text(const Json& attributes) {
  std::string text;
  const Json cleaned = clean_attribute(attributes);
  if (!cleaned.is_object()) return text;
  for (const auto& [key, value] : cleaned.items()) {
    if (value.is_object() && value.empty()) continue;
    text += (text.empty() ? "" : "; ") + key + (value == Json(true) ? "" : ": " + attribute_value(value));
  }
  return text;
}

// What a review is, as a time: wherever it stands in the file, it comes at the same place of its user's history.
Timestamp hash_time(const RawReview& review, std::string_view id) {
  constexpr std::size_t kHexDigits = 10;  // 40 bits of milliseconds
  std::string key;
  for (const std::string_view part : {std::string_view(review.user_id.text()), std::string_view(review.item_id.text()),
                                      id, std::string_view(review.text)}) {
    key.append(part).append(1, '\x1F');
  }
  key.append(review.title.value_or("")).append(1, '\x1F').append(python_str(review.rating));
  const auto ms = std::stoll(sha1_hex(key).substr(0, kHexDigits), nullptr, 16);
  return {.ms = ms, .text = std::to_string(ms), .is_string = false};
}

Timestamp order_time(const RawReview& review, const ReviewSchema& schema, bool has_id, std::uint64_t row_index) {
  if (schema.order == ReviewOrder::kHash) return hash_time(review, has_id ? review.review_id.text() : "");
  return {.ms = static_cast<std::int64_t>(row_index), .text = std::to_string(row_index), .is_string = false};
}

}  // namespace

RawReview read_raw_review(const RowView& view, const ReviewSchema& schema, std::uint64_t row_index) {
  const bool has_id = !schema.id.empty() && view.has(schema.id);
  RawReview review{.review_id = has_id ? view.id<ReviewId>(schema.id) : ReviewId(std::to_string(row_index), true),
                   .item_id = view.id<ItemId>(schema.item),
                   .user_id = view.id<UserId>(schema.user),
                   .rating = schema.rating.empty() ? Rating::none() : read_rating(view, schema.rating),
                   .timestamp = {},
                   .title = std::nullopt,
                   .text = {},
                   .raw_start = std::nullopt};
  const auto raw = view.maybe_string(schema.text).value_or("");
  review.text = decode_html(raw);
  review.decoded = review.text != raw;
  if (uid_start(raw) != uid_start(review.text)) review.raw_start = std::string(uid_start(raw));
  std::string_view raw_title;
  if (!schema.title.empty()) {
    raw_title = view.maybe_string(schema.title).value_or("");
    review.title = decode_html(raw_title);
    review.decoded = review.decoded || *review.title != raw_title;
  }
  review.timestamp = schema.timestamp.empty() ? order_time(review, schema, has_id, row_index)
                                              : read_timestamp(view, schema.timestamp, schema.time);
  if (!review.decoded) return review;
  review.raw_title = raw_title;
  review.raw_text = raw;
  return review;
}

RawItem read_raw_item(const RowView& view, const ItemSchema& schema) {
  RawItem item{.item_id = view.id<ItemId>(schema.item), .title = {}, .description = {}};
  if (!schema.title.empty()) item.title = view.maybe_string(schema.title).value_or("");
  for (const auto& field : schema.description) append_part(item.description, field_text(view.json(field)), "\n");
  if (!schema.attributes.empty()) append_part(item.description, attribute_text(view.json(schema.attributes)), "\n");
  item.script_title = is_script(item.title);
  if (item.script_title) item.title.clear();
  auto title = decode_html(item.title);
  auto description = decode_html(item.description);
  item.decoded = title != item.title || description != item.description;
  std::swap(item.title, title);
  std::swap(item.description, description);
  if (!item.decoded) return item;
  item.raw_title = std::move(title);
  item.raw_description = std::move(description);
  return item;
}

std::string snake_case(std::string_view camel) {
  const auto lower_or_digit = [](char c) { return is_ascii_lower(c) || is_ascii_digit(c); };
  std::string out;
  for (std::size_t i = 0; i < camel.size(); ++i) {
    const char c = camel[i];
    const bool starts_word = i > 0 && is_ascii_upper(c) &&
                             (lower_or_digit(camel[i - 1]) ||
                              (is_ascii_upper(camel[i - 1]) && i + 1 < camel.size() && lower_or_digit(camel[i + 1])));
    if (starts_word && !out.empty() && out.back() != '_') out += '_';
    out += c == '-' || c == ' ' ? '_' : ascii_lower(c);
  }
  return out;
}

void check_schema(const ItemSchema& schema) {
  std::vector<std::string> fields = schema.description;
  fields.push_back(schema.title);
  fields.push_back(schema.attributes);
  for (const auto& field : fields) {
    if (std::find(kFutureFields.begin(), kFutureFields.end(), field) != kFutureFields.end()) {
      throw usage_error(
          "[schema.item]: the field \"" + field +
          "\" knows the future (it sums up reviews or purchases yet to be predicted) and must not be used");
    }
  }
}

}  // namespace persona4rec
