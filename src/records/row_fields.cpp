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

}  // namespace

Rating read_rating(const RowView& view, std::string_view field) {
  const auto element = view.maybe(field);
  if (element && element->is_string()) {  // raw files write "5.0" now and then
    const auto text = element->get_string().value_unsafe();
    Rating rating;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rating.value);
    if (error == std::errc{} && end == text.data() + text.size() && std::isfinite(rating.value)) return rating;
    view.fail(field, "expected a number, got a string");
  }
  return {.value = view.number(field), .is_integer = element && (element->is_int64() || element->is_uint64())};
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
  if (!time) view.fail(field, "expected a time as the dataset's schema declares it, got " + to_json(*element).dump());
  return *time;
}

Json to_json(const Timestamp& time) {
  return time.is_string ? Json(time.text) : Json::parse(time.text);
}
Json to_json(const Rating& rating) {
  return rating.is_integer ? Json(static_cast<std::int64_t>(rating.value)) : Json(rating.value);
}

std::string python_str(const Timestamp& time) {
  return time.text;
}
std::string python_str(const Rating& rating) {
  return rating.is_integer ? std::to_string(static_cast<std::int64_t>(rating.value)) : python_float(rating.value);
}

}  // namespace persona4rec
