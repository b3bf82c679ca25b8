#include "records/row_fields.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "records/time.hpp"

namespace persona4rec {
namespace {

// As Python's repr(float): shortest digits, fixed for exponents -4..15, "2.0" rather than "2".
std::string python_float(double value) {
  const bool fixed = value == 0 || (std::abs(value) >= 1e-4 && std::abs(value) < 1e16);
  std::array<char, 64> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 fixed ? std::chars_format::fixed : std::chars_format::scientific)
                       .ptr;
  std::string text(buffer.data(), end);
  if (fixed && text.find('.') == std::string::npos) text += ".0";
  return text;
}

// Milliseconds where seconds are declared end beyond the year 9999.
bool looks_like_milliseconds(simdjson::dom::element element, const TimeFormat& format) {
  const auto digits = id_text_of(element);
  return digits && format.unit == TimeUnit::kSeconds &&
         parse_time_number(digits->first, {.unit = TimeUnit::kMilliseconds}).has_value();
}

std::string time_message(simdjson::dom::element element, const TimeFormat& format) {
  const std::string got = to_json(element).dump(-1, ' ', false, Json::error_handler_t::replace);
  if (looks_like_milliseconds(element, format)) {
    return "expected seconds since 1970, got " + got + ": milliseconds? (timestamp-unit = \"ms\")";
  }
  return "expected a time as the dataset's schema declares it, got " + got;
}

}  // namespace

Rating read_rating(const RowView& view, std::string_view field, bool allow_none) {
  constexpr double kMost = 9007199254740992;  // 2^53: whole numbers up to it are doubles
  const auto element = view.maybe(field);
  Rating rating;
  if (allow_none && view.is_null(field)) return Rating::none();
  if (element && element->is_string()) {  // raw files write "5.0" now and then
    const auto text = element->get_string().value_unsafe();
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rating.value);
    const bool number = error == std::errc{} && end == text.data() + text.size() && std::isfinite(rating.value);
    if (!number) view.fail(field, "expected a number, got a string");
  } else {
    rating = {.value = view.number(field), .is_integer = element && (element->is_int64() || element->is_uint64())};
  }
  if (element && std::abs(rating.value) > kMost)
    view.fail(field, "expected a rating of at most 2^53, got " + to_json(*element).dump());
  return rating;
}

Timestamp read_timestamp(const RowView& view, std::string_view field, const TimeFormat& format) {
  const auto element = view.maybe(field);
  if (!element) view.fail(field, "expected a time, got none");
  std::optional<Timestamp> time;
  if (element->is_string()) {
    time = parse_time_string(element->get_string().value_unsafe(), format);
  } else if (auto digits = id_text_of(*element)) {
    time = parse_time_number(digits->first, format);
  } else if (element->is_double()) {
    time = parse_time_number(python_float(element->get_double().value_unsafe()), format);
  } else {
    view.fail(field, "expected a time, got " + std::string(type_name(*element)));
  }
  if (!time) view.fail(field, time_message(*element, format));
  return *time;
}

Json to_json(const Timestamp& time) {
  return time.is_string ? Json(time.text) : Json::parse(time.text);
}
Json to_json(const Rating& rating) {
  if (rating.is_none()) return nullptr;
  return rating.is_integer ? Json(static_cast<std::int64_t>(rating.value)) : Json(rating.value);
}

std::string python_str(const Timestamp& time) {
  return time.text;
}
std::string python_str(const Rating& rating) {
  if (rating.is_none()) return "None";
  return rating.is_integer ? std::to_string(static_cast<std::int64_t>(rating.value)) : python_float(rating.value);
}

}  // namespace persona4rec
