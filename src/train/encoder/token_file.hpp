// The token ids of many texts in a temporary file without a name: each text is tokenised once, memory holds an offset a
// text. Thread-safety: one thread writes; reading is safe from any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "encoder/tokenizer/tokenizer.hpp"
#include "io/descriptor.hpp"

namespace persona4rec {

class TokenFile {
 public:
  // Texts 0 .. `texts` - 1, cut at max_length tokens, in a file in `folder`. `threads`: 0 = all processors.
  TokenFile(const std::filesystem::path& folder, std::size_t texts, std::shared_ptr<const Tokenizer> tokenizer,
            std::size_t max_length, std::size_t threads);

  // Texts come in any order, each at most once. UTF-8; throws Error kInput where it is not, kOutput on a full disk.
  void add(std::size_t text, std::string&& value);
  void finish();  // after the last one

  // Ids of one text, special tokens included; empty for a text that was never added. Throws Error kOutput.
  [[nodiscard]] TokenizedText tokens(std::size_t text) const;
  [[nodiscard]] std::uint64_t total() const { return written_; }  // tokens
  [[nodiscard]] std::uint64_t truncated() const { return truncated_; }

 private:
  void drain();
  [[noreturn]] void fail(const char* what) const;

  struct Range {
    std::uint64_t begin = 0;  // in ids
    std::uint32_t count = 0;
  };

  std::filesystem::path folder_;
  Descriptor file_;
  std::shared_ptr<const Tokenizer> tokenizer_;
  std::size_t max_length_;
  std::size_t threads_;
  std::vector<Range> ranges_;         // [texts]
  std::vector<std::size_t> pending_;  // numbers of `values_`
  std::vector<std::string> values_;
  std::uint64_t written_ = 0;
  std::uint64_t truncated_ = 0;
};

}  // namespace persona4rec
