// Words that never count. A language is data: a shipped list (stop_words.cpp) or a file with one word a line; no code
// knows one. Thread-safety: const use from any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "lexical/term_table.hpp"

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

  [[nodiscard]] bool contains(std::string_view word) const { return words_.find(word).has_value(); }
  [[nodiscard]] std::size_t size() const { return words_.size(); }
  [[nodiscard]] const TermTable& words() const { return words_; }
  // Hex SHA-256 of the words in byte order.
  [[nodiscard]] std::string sha256() const;

 private:
  TermTable words_;
};

}  // namespace persona4rec
