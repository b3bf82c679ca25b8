// A short list of words that the program knows, looked up for each word of a text: most are told by length and first
// letter to be none of them. Thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace persona4rec {

template <std::size_t kWords>
class WordList {
 public:
  // REQUIRES: no word is empty.
  explicit constexpr WordList(const std::array<std::string_view, kWords>& words) : words_(words) {
    std::ranges::sort(words_, {}, [](std::string_view word) { return place_of(word); });
    for (const auto word : words_) {
      first_letters_[place_of(word)] |= letter_of(word.front());
      for (std::size_t place = place_of(word); place < kLengths; ++place) ++ends_[place];
    }
  }

  // False of most that it does not contain. REQUIRES: the word is not empty.
  [[nodiscard]] constexpr bool may_contain(std::size_t bytes, char first) const {
    return (first_letters_[std::min(bytes, kLengths) - 1] & letter_of(first)) != 0;
  }
  [[nodiscard]] constexpr bool contains(std::string_view word) const {
    if (word.empty() || !may_contain(word.size(), word.front())) return false;
    const std::size_t place = place_of(word);
    for (std::size_t i = place == 0 ? 0 : ends_[place - 1]; i < ends_[place]; ++i) {
      if (words_[i].front() == word.front() && words_[i] == word) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kLengths = 16;  // longer words share the last place

  static constexpr std::size_t place_of(std::string_view word) { return std::min(word.size(), kLengths) - 1; }
  static constexpr std::uint32_t letter_of(char first) {
    return std::uint32_t{1} << (static_cast<unsigned char>(first) % 32U);
  }

  std::array<std::string_view, kWords> words_;           // by length
  std::array<std::size_t, kLengths> ends_{};             // of the words of a length in words_
  std::array<std::uint32_t, kLengths> first_letters_{};  // of the words of a length, a bit each
};

}  // namespace persona4rec
