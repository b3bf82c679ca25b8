// Whether memory grows with the number of differently shaped batches: kernels and their buffers are made by shape.
//
//   batch_shapes MODEL_FOLDER [f32|bf16|int8] [batches 100000] [most texts 16] [most words 120]
//
// Encodes batches whose numbers of texts and of words are drawn anew each time, and prints the resident memory on the
// way.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "persona4rec/encoder.hpp"

namespace {

using namespace persona4rec;  // NOLINT: a program of one file

double resident_mib() {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;  // the second number
  return static_cast<double>(pages) * 4096 / 1024 / 1024;
}

EncoderDtype dtype_of(const std::string& name) {
  if (name == "bf16") return EncoderDtype::kBf16;
  return name == "int8" ? EncoderDtype::kInt8 : EncoderDtype::kF32;
}

std::string text_of(Rng& rng, std::size_t words) {
  std::string text;
  for (std::size_t word = 0; word < words; ++word) text += "w" + std::to_string(rng.below(100)) + " ";
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string dtype = argc > 2 ? argv[2] : "f32";
  const auto number = [&](int at, std::size_t otherwise) {
    return argc > at ? std::strtoull(argv[at], nullptr, 10) : otherwise;
  };
  const std::size_t batches = number(3, 100000);
  const std::size_t most_texts = number(4, 16);
  const std::size_t most_words = number(5, 120);
  const auto encoder = open_text_encoder({.folder = argv[1], .dtype = dtype_of(dtype)});
  Rng rng(1);
  std::set<std::pair<std::size_t, std::size_t>> shapes;
  std::printf("%s\n%10s %10s %12s\n", dtype.c_str(), "batches", "shapes", "resident MiB");
  for (std::size_t batch = 1, next = batches / 100; batch <= batches; ++batch) {
    std::vector<std::string> texts(1 + rng.below(most_texts));
    std::size_t words = 0;
    for (auto& text : texts) {
      const std::size_t here = 1 + rng.below(most_words);
      text = text_of(rng, here);
      words += here;
    }
    shapes.emplace(texts.size(), words);
    (void)encoder->encode(texts, {});
    if (batch < next && batch != batches) continue;
    std::printf("%10zu %10zu %12.1f\n", batch, shapes.size(), resident_mib());
    std::fflush(stdout);
    next = next < batches / 10 ? batches / 10 : next + batches * 3 / 10;
  }
  return 0;
}
