// Text -> words: lower-case runs of at least two word characters (base/utf8.hpp: is_word), stop words left out.
//
// A language is data: a shipped list (src/lexical/stop_words.cpp) or a file with one word a line; no code knows one.
// Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/utf8.hpp"

namespace persona4rec {

class StopWords {
 public:
  StopWords() = default;  // none
  explicit StopWords(const std::vector<std::string>& words);
  // "none", a shipped language ("english"), else a path. Throws Error kUsage: neither, or a file that cannot be read
  // or is not UTF-8.
  [[nodiscard]] static StopWords resolve(const std::string& language_or_path);
  // A text file: one word a line (lower-cased here), empty lines and lines that start with '#' left out.
  [[nodiscard]] static StopWords load(const std::filesystem::path& path);
  [[nodiscard]] static std::vector<std::string> shipped_languages();

  [[nodiscard]] bool contains(std::string_view word) const { return words_.find(word) != words_.end(); }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  // Hex SHA-256 of the words in byte order.
  [[nodiscard]] std::string sha256() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> words_;
};

class Tokenizer {
 public:
  static constexpr std::size_t kMinCharacters = 2;

  Tokenizer() = default;  // no stop words
  explicit Tokenizer(StopWords stop_words) : stop_words_(std::move(stop_words)) {}

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
