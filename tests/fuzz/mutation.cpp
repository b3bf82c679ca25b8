#include "fuzz/mutation.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace persona4rec::fuzz {
namespace {

constexpr std::size_t kLongest = 16384;

// Where readers err: ends of number types, brackets without their partners, bytes that are no text.
constexpr std::string_view kTokens[] = {"9223372036854775808",
                                        "-1",
                                        "1e999",
                                        "1e-999",
                                        "nan",
                                        "0x",
                                        "[",
                                        "{\"",
                                        "\\ud83d",
                                        "\xFF",
                                        "\xEF\xBB\xBF",
                                        "\n",
                                        "\"",
                                        "null,",
                                        "%s",
                                        "</think>",
                                        "{{#list}}",
                                        "\\",
                                        "0.0000001",
                                        "18446744073709551615"};

std::size_t place(const std::string& text, Rng& rng) {
  return static_cast<std::size_t>(rng.below(text.size() + 1));
}

void change_byte(std::string& text, Rng& rng) {
  if (text.empty()) return;
  constexpr unsigned char kBytes[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '0', '9', '"'};
  char& byte = text[static_cast<std::size_t>(rng.below(text.size()))];
  const auto flipped = static_cast<unsigned char>(static_cast<unsigned char>(byte) ^ (1U << rng.below(8)));
  byte = static_cast<char>(rng.below(2) == 0 ? flipped : kBytes[rng.below(std::size(kBytes))]);
}

void erase_range(std::string& text, Rng& rng) {
  text.erase(place(text, rng), static_cast<std::size_t>(rng.below(64) + 1));
}

void repeat_range(std::string& text, Rng& rng) {
  const std::string part = text.substr(place(text, rng), static_cast<std::size_t>(rng.below(64) + 1));
  const auto at = place(text, rng);
  for (auto times = rng.below(rng.below(8) == 0 ? 200 : 3) + 1; times > 0 && text.size() < kLongest; --times)
    text.insert(at, part);
}

void insert_token(std::string& text, Rng& rng) {
  text.insert(place(text, rng), kTokens[rng.below(std::size(kTokens))]);
}

// A number as a whole gives way to another.
void replace_number(std::string& text, Rng& rng) {
  const auto at = text.find_first_of("0123456789", place(text, rng));
  if (at == std::string::npos) return;
  const auto end = std::min(text.find_first_not_of("0123456789", at), text.size());
  text.replace(at, end - at, kTokens[rng.below(6)]);
}

}  // namespace

std::string mutate(const std::vector<std::string>& inputs, Rng& rng) {
  const auto any = [&]() -> const std::string& { return inputs[static_cast<std::size_t>(rng.below(inputs.size()))]; };
  std::string text = any().substr(0, kLongest);
  constexpr void (*kChanges[])(std::string&, Rng&) = {change_byte,  change_byte,  erase_range,
                                                      repeat_range, insert_token, replace_number};
  for (auto times = rng.below(4) + 1; times > 0; --times) {
    const auto change = rng.below(std::size(kChanges) + 1);
    if (change < std::size(kChanges))
      kChanges[change](text, rng);
    else if (const std::string& other = any(); true)  // two inputs, joined
      text = text.substr(0, place(text, rng)) +
             other.substr(std::min(place(other, rng), other.size())).substr(0, kLongest);
  }
  return text;
}

}  // namespace persona4rec::fuzz
