// How long scoring one user's list takes: 20 candidates x 7 personas x 1024 dimensions of random items from a mapped
// cache larger than the processor's caches (about 1.2 GB of persona vectors), one thread.
//
//   build/<preset>/bin/rerank_bench     prints p50 and p99 in microseconds a user, by the clock and by processor time,
//   for each
//                                       --vectors; plain_products = the same products and nothing else
//
// The cache is synthetic, written to a temporary folder (about 2.6 GB, removed at the end); P4R_BENCH_ITEMS changes the
// number of items (80,000).
#include <benchmark/benchmark.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "io/artifacts.hpp"
#include "io/cache/embedding_file.hpp"
#include "io/output_file.hpp"
#include "matching/half_dot.hpp"
#include "rerank/scorer.hpp"
#include "rerank/serving_cache.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kDimensions = 1024;
constexpr std::size_t kPersonas = 7;
constexpr std::size_t kCandidates = 20;
constexpr std::size_t kUsers = 2000;
constexpr std::size_t kTerms = 30000;
constexpr std::size_t kItemTerms = 100;
constexpr std::size_t kUserTerms = 1200;

std::size_t item_count() {
  const char* given = std::getenv("P4R_BENCH_ITEMS");
  return given == nullptr ? 80000 : std::strtoull(given, nullptr, 10);
}

// A cache in the documented layout, with random contents.
class SyntheticCache {
 public:
  SyntheticCache() : folder_(fs::temp_directory_path() / ("p4r_rerank_bench_" + std::to_string(getpid()))) {
    const CacheFiles files{folder_};
    for (const auto& folder :
         {files.user_item(), files.item_persona(), files.user_profile(World::kTest), files.words()}) {
      fs::create_directories(folder);
    }
    write_personas(files.item_persona());
    write_users(files.user_profile(World::kTest));
    write_words(files.words());
    write_metas(files);
  }
  SyntheticCache(const SyntheticCache&) = delete;
  SyntheticCache& operator=(const SyntheticCache&) = delete;
  ~SyntheticCache() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
    fs::remove(meta_path(folder_), ignored);
  }
  [[nodiscard]] const fs::path& folder() const { return folder_; }

 private:
  // Random halves in +-1/32: unit length at 1024 dimensions. Blocks repeat, the memory traffic does not.
  void write_halves(const fs::path& path, std::size_t rows) {
    std::vector<Half> block(std::size_t{997} * kDimensions);
    for (Half& half : block) half = to_half(static_cast<float>((rng_.uniform() - 0.5) / 16));
    OutputFile file(path);
    for (std::size_t row = 0; row < rows; row += 997) {
      const auto count = std::min<std::size_t>(997, rows - row);
      file.write({reinterpret_cast<const char*>(block.data()), count * kDimensions * sizeof(Half)});
    }
    file.commit();
  }

  void write_personas(const fs::path& folder) {
    const std::size_t rows = item_count() * kPersonas;
    write_halves(folder / "persona_embeds.fp16.mmap", rows);
    write_halves(folder / "persona_head.fp16.mmap", rows);
    OutputFile table(folder / "personas.jsonl");
    for (std::size_t k = 0; k < rows; ++k) {
      const auto item = "i" + std::to_string(k / kPersonas);
      table.write_row({{"uid", item + "_P" + std::to_string(k % kPersonas + 1)},
                       {"item_id", item},
                       {"name", "a persona"},
                       {"support", Json::array()}});
    }
    table.commit();
  }

  void write_users(const fs::path& folder) {
    write_halves(folder / "frozen.fp16.mmap", kUsers);
    write_halves(folder / "head.fp16.mmap", kUsers);
    OutputFile table(folder / "users.jsonl");
    for (std::size_t u = 0; u < kUsers; ++u) table.write_row({{"user_id", "u" + std::to_string(u)}});
    table.commit();
  }

  void write_sparse(const fs::path& folder, const std::string& name, std::size_t rows, std::size_t terms) {
    OutputFile begin(folder / (name + ".begin.u64.mmap"));
    OutputFile numbers(folder / (name + ".terms.u32.mmap"));
    OutputFile weights(folder / (name + ".weights.f32.mmap"));
    for (std::uint64_t row = 0; row <= rows; ++row) {
      const std::uint64_t at = row * terms;
      begin.write({reinterpret_cast<const char*>(&at), sizeof(at)});
      if (row == rows) break;
      std::vector<std::uint32_t> drawn(terms);
      for (auto& term : drawn) term = static_cast<std::uint32_t>(rng_.below(kTerms));
      std::sort(drawn.begin(), drawn.end());
      const std::vector<float> values(terms, 0.1F);
      numbers.write({reinterpret_cast<const char*>(drawn.data()), terms * sizeof(std::uint32_t)});
      weights.write({reinterpret_cast<const char*>(values.data()), terms * sizeof(float)});
    }
    for (OutputFile* file : {&begin, &numbers, &weights}) file->commit();
  }

  void write_words(const fs::path& folder) {
    write_sparse(folder, "items", item_count(), kItemTerms);
    write_sparse(folder, "users.test", kUsers, kUserTerms);
    OutputFile table(folder / "items.jsonl");
    for (std::size_t i = 0; i < item_count(); ++i) table.write_row({{"item_id", "i" + std::to_string(i)}});
    table.commit();
  }

  void write_metas(const CacheFiles& files) const {
    const auto meta = [](const fs::path& folder, Json own) {
      own["dim"] = kDimensions;
      own["build"] = "bench";
      write_file(folder / "cache_meta.json", own.dump());
    };
    meta(files.user_item(), Json::object());
    meta(files.item_persona(), {{"rows", item_count() * kPersonas}});
    meta(files.user_profile(World::kTest).parent_path(), {{"rows_test", kUsers}});
    meta(files.words(), {{"rows", item_count()}, {"terms", kTerms}});
    write_file(meta_path(folder_), Json({{"options", {{"build", "bench"}, {"has_head", true}}}}).dump());
  }

  fs::path folder_;
  Rng rng_{7};
};

ServingCache open_cache(VectorStorage vectors, const FusionWeights& weights) {
  static const SyntheticCache kFiles;
  ServingCache cache(kFiles.folder(), World::kTest);
  cache.store_vectors(vectors, weights);
  return cache;
}

std::vector<CandidateRow> random_lists(std::size_t count) {
  Rng rng(11);
  std::vector<CandidateRow> lists(count);
  for (auto& list : lists) {
    list.user_id = UserId("u" + std::to_string(rng.below(kUsers)));
    for (std::size_t i = 0; i < kCandidates; ++i) {
      list.results.push_back({ItemId("i" + std::to_string(rng.below(item_count()))), rng.uniform()});
    }
  }
  return lists;
}

// Of this thread: what a busy machine takes away by running others does not count.
double cpu_micros() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

constexpr const char* kStorageNames[] = {"mapped", "memory", "8bit"};

// Times run(number of the list) by the clock and by this thread's processor time.
template <class Run>
void time_lists(benchmark::State& state, const Run& run) {
  std::vector<double> wall;
  std::vector<double> cpu;
  std::size_t next = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    const double cpu_start = cpu_micros();
    run(next++);
    cpu.push_back(cpu_micros() - cpu_start);
    wall.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  const auto percentile = [](std::vector<double>& values, std::size_t percent) {
    std::sort(values.begin(), values.end());
    return values[values.size() * percent / 100];
  };
  state.counters["p50_us"] = percentile(wall, 50);
  state.counters["p99_us"] = percentile(wall, 99);
  state.counters["cpu_p50_us"] = percentile(cpu, 50);
  state.counters["cpu_p99_us"] = percentile(cpu, 99);
}

void score_users(benchmark::State& state, const FusionWeights& weights) {
  const ServingCache cache = open_cache(static_cast<VectorStorage>(state.range(0)), weights);
  Scorer scorer(cache, weights, kDefaultAlpha);
  state.SetLabel(kStorageNames[state.range(0)]);
  const auto lists = random_lists(20000);
  for (const auto& list : random_lists(40000)) benchmark::DoNotOptimize(scorer.score(list).order.data());  // page in
  time_lists(state,
             [&](std::size_t n) { benchmark::DoNotOptimize(scorer.score(lists[n % lists.size()]).order.data()); });
}

// The peer and the limit: the same products over rows in huge pages and nothing else, no tables, no order.
void plain_products(benchmark::State& state) {
  const ServingCache cache = open_cache(VectorStorage::kMemory, {.base = 1, .words = 0, .persona = 0, .head = 0.75});
  const auto& vectors = cache.head().personas;
  Rng rng(11);
  std::vector<std::uint32_t> rows(std::size_t{20000} * kCandidates);
  for (auto& row : rows) row = static_cast<std::uint32_t>(rng.below(item_count()) * kPersonas);
  const std::vector<float> user(kDimensions, 0.03F);
  time_lists(state, [&](std::size_t n) {
    float sum = 0;
    for (std::size_t i = 0; i < kCandidates; ++i) {
      const auto at = (n * kCandidates + i) % rows.size();
      for (std::size_t k = 0; k < kPersonas; ++k) {
        const std::size_t ahead =
            k + 4 < kPersonas ? rows[at] + k + 4 : rows[(at + 1) % rows.size()] + k + 4 - kPersonas;
        sum += vectors.similarity(rows[at] + k, user, ahead).value_or(0);
      }
    }
    benchmark::DoNotOptimize(sum);
  });
}
BENCHMARK(plain_products)->Iterations(20000)->Unit(benchmark::kMicrosecond);

void one_dense_channel(benchmark::State& state) {
  score_users(state, {.base = 1, .words = 0, .persona = 0, .head = 0.75});
}
void head_and_words(benchmark::State& state) {
  score_users(state, kHeadWeights);
}
void all_channels(benchmark::State& state) {
  score_users(state, {.base = 1, .words = 0.75, .persona = 0.25, .head = 0.75});
}
BENCHMARK(one_dense_channel)->DenseRange(0, 2)->Iterations(20000)->Unit(benchmark::kMicrosecond);
BENCHMARK(head_and_words)->DenseRange(0, 2)->Iterations(20000)->Unit(benchmark::kMicrosecond);
BENCHMARK(all_channels)->DenseRange(0, 2)->Iterations(20000)->Unit(benchmark::kMicrosecond);

// The kernels alone, rows in the processor's cache.
void half_dot_kernel(benchmark::State& state) {
  const auto& kernels = half_dot_kernels();
  const auto k = static_cast<std::size_t>(state.range(0));
  if (k >= kernels.count) return state.SkipWithError("this processor has fewer kernels");
  const std::vector<std::uint16_t> row(kDimensions, to_half(0.03F));
  const std::vector<float> vector(kDimensions, 0.03F);
  for (auto _ : state) {
    benchmark::DoNotOptimize(kernels.kernels[k].run(row.data(), vector.data(), kDimensions, row.data()));
  }
  state.SetLabel(kernels.kernels[k].name);
}
BENCHMARK(half_dot_kernel)->Arg(0)->Arg(1)->Arg(2);

}  // namespace
}  // namespace persona4rec

BENCHMARK_MAIN();
