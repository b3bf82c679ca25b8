// Text -> words: lower-case runs of at least two word characters (base/utf8.hpp: is_word), stop words left out.
// Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/utf8.hpp"
#include "lexical/stop_words.hpp"

namespace persona4rec {

class WordTokenizer {
 public:
  static constexpr std::size_t kMinCharacters = 2;

  WordTokenizer() = default;  // no stop words
  explicit WordTokenizer(StopWords stop_words) : stop_words_(std::move(stop_words)) {}

  // Calls take(std::string_view) with every token in text order, repeats too; the view lives for the call.
  // REQUIRES: valid UTF-8.
  template <class Take>
  void for_each(std::string_view text, Take&& take) const {
    const std::string lower = lower_utf8(text);
    std::size_t begin = 0;       // of the current run
    std::size_t characters = 0;  // in it
    for (std::size_t offset = 0; offset < lower.size();) {
      const std::size_t here = offset;
      if (is_word(next_code_point(lower, offset))) {
        if (characters++ == 0) begin = here;
      } else {
        emit(std::string_view(lower).substr(begin, here - begin), characters, take);
        characters = 0;
      }
    }
    emit(std::string_view(lower).substr(begin), characters, take);
  }
  [[nodiscard]] std::vector<std::string> tokens(std::string_view text) const;
  [[nodiscard]] const StopWords& stop_words() const { return stop_words_; }

 private:
  template <class Take>
  void emit(std::string_view run, std::size_t characters, Take&& take) const {
    if (characters >= kMinCharacters && !stop_words_.contains(run)) take(run);
  }
  StopWords stop_words_;
};

}  // namespace persona4rec
