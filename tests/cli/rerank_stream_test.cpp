// `rerank --candidates -` as a service: every line is answered before the next one is sent.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "persona4rec/json.hpp"
#include "support/hand_made_cache.hpp"
#include "support/paths.hpp"
#include "support/temp_dir.hpp"

namespace persona4rec::test {
namespace {

constexpr int kAnswerTimeoutMs = 60000;  // only a hang takes as long

// The program with its stdin and stdout in our hands.
class Service {
 public:
  explicit Service(std::vector<std::string> words, const std::string& err = "/dev/stderr") {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    words.insert(words.begin(), test::program_file());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      dup2(open(err.c_str(), O_WRONLY | O_APPEND), STDERR_FILENO);
      execv(argv[0], argv.data());
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
  }
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  ~Service() {
    close_input();
    close(from_);
    if (pid_ > 0) finish();
  }

  void send(const std::string& line) { ASSERT_EQ(write(to_, line.data(), line.size()), std::ssize(line)); }
  void signal(int number) const { kill(pid_, number); }
  void close_input() {
    if (to_ >= 0) close(std::exchange(to_, -1));
  }

  // The next line; empty when none comes.
  std::string answer() {
    for (auto end = buffer_.find('\n');; end = buffer_.find('\n')) {
      if (end != std::string::npos) {
        auto line = buffer_.substr(0, end);
        buffer_.erase(0, end + 1);
        return line;
      }
      pollfd ready{.fd = from_, .events = POLLIN, .revents = 0};
      std::array<char, 4096> chunk{};
      if (poll(&ready, 1, kAnswerTimeoutMs) != 1) return {};
      const auto got = read(from_, chunk.data(), chunk.size());
      if (got <= 0) return {};
      buffer_.append(chunk.data(), static_cast<std::size_t>(got));
    }
  }

  int finish() {
    int status = 0;
    waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  int to_ = -1;
  int from_ = -1;
  pid_t pid_ = 0;
  std::string buffer_;
};

TEST(RerankStream, AnswersEachLineBeforeTheNext) {
  const TempDir dir;
  HandMadeCache{.items = {{"i1", {{0, 1.0F}}, {{"i1_P1", {1, 0}}}}, {"i2", {{1, 1.0F}}, {{"i2_P1", {0, 1}}}}},
                .users = {{"u", {1, 0}, {{0, 1.0F}}}, {"v", {0, 1}, {{1, 1.0F}}}}}
      .write(dir / "cache");
  Service service({"rerank", "--quiet", "--cache", dir / "cache", "--workspace", dir.path(), "--candidates", "-"});
  for (const std::string user : {"u", "v", "u"}) {  // a service may be asked for a user again
    service.send(R"({"user_id":")" + user +
                 R"(","results":[{"item_id":"i2","score":1},{"item_id":"i1","score":1}]})"
                 "\n");
    const auto line = service.answer();
    ASSERT_FALSE(line.empty()) << "no answer for " << user;
    const Json answer = Json::parse(line);
    EXPECT_EQ(answer["user_id"], user);
    EXPECT_EQ(answer["results"][0]["item_id"], user == "u" ? "i1" : "i2");
  }
  service.close_input();
  EXPECT_EQ(service.finish(), 0);
}

TEST(RerankStream, ABadLineIsAnsweredByALineThatSaysSo) {
  const TempDir dir;
  HandMadeCache{.items = {{"i1", {}, {}}}, .users = {{"u", {1, 0}, {}}}}.write(dir / "cache");
  Service service({"rerank", "--quiet", "--cache", dir / "cache", "--workspace", dir.path(), "--candidates", "-",
                   "--max-bad-rows", "2"});
  for (const std::string request :
       {"{broken", R"({"user_id":"u","results":[{"item_id":"i1"}]})", R"({"user_id":"u"})"}) {
    service.send("\n" + request + "\n");
    const auto line = service.answer();
    ASSERT_FALSE(line.empty()) << request;
    const Json answer = Json::parse(line);
    EXPECT_EQ(answer.contains("error"), !answer.contains("user_id")) << line;
    EXPECT_EQ(answer.contains("error"), request.find("item_id") == std::string::npos) << line;
  }
  service.close_input();
  EXPECT_EQ(service.finish(), 0);
}

// A cache that was built meanwhile: the mapped one serves on until SIGHUP, and a broken one is not taken.
TEST(RerankStream, ServesTheOldCacheUntilSighupTakesTheNewOne) {
  const TempDir dir;
  const auto cache = [](Floats of_i1, Floats of_i2, const char* build) {
    return HandMadeCache{
        .items = {{"i1", {}, {{"i1_P1", std::move(of_i1)}}}, {"i2", {}, {{"i2_P1", std::move(of_i2)}}}},
        .users = {{"u", {1, 0}, {}}},
        .build = build};
  };
  cache({1, 0}, {0, 1}, "B1").write(dir / "cache");
  Service service({"rerank", "--quiet", "--cache", dir / "cache", "--workspace", dir.path(), "--candidates", "-",
                   "--persona-only"});
  const auto first_item = [&] {
    service.send("{\"user_id\":\"u\",\"results\":[{\"item_id\":\"i1\"},{\"item_id\":\"i2\"}]}\n");
    const auto line = service.answer();
    return line.empty() ? std::string("no answer") : Json::parse(line)["results"][0]["item_id"].get<std::string>();
  };
  EXPECT_EQ(first_item(), "i1");
  cache({0, 1}, {1, 0}, "B2").write(dir / "cache");
  EXPECT_EQ(first_item(), "i1") << "the old cache is mapped";
  service.signal(SIGHUP);
  EXPECT_EQ(first_item(), "i2") << "SIGHUP takes the new one";
  std::filesystem::remove(dir / "cache" / "words" / "items.jsonl");
  service.signal(SIGHUP);
  EXPECT_EQ(first_item(), "i2") << "a cache that cannot be used is left alone";
  service.close_input();
  EXPECT_EQ(service.finish(), 0);
}

TEST(RerankStream, ABrokenLineEndsItWithThePlace) {
  const TempDir dir;
  HandMadeCache{.items = {{"i1", {}, {}}}, .users = {{"u", {1, 0}, {}}}}.write(dir / "cache");
  Service service({"rerank", "--quiet", "--cache", dir / "cache", "--workspace", dir.path(), "--candidates", "-"});
  service.send("{\"user_id\":\"u\",\"results\":[{\"item_id\":\"i1\"}]}\n");
  EXPECT_FALSE(service.answer().empty());
  service.send("{broken\n");
  service.close_input();
  EXPECT_EQ(service.answer(), "");
  EXPECT_EQ(service.finish(), 3);
}

TEST(RerankStream, SaysOnSigusr1AndAtItsEndWhatItHasAnswered) {
  const TempDir dir;
  HandMadeCache{.items = {{"i1", {{0, 1.0F}}, {{"i1_P1", {1, 0}}}}}, .users = {{"u", {1, 0}, {{0, 1.0F}}}}}.write(
      dir / "cache");
  const auto err = dir.write("err", "");
  Service service({"rerank", "--cache", dir / "cache", "--workspace", dir.path(), "--candidates", "-"}, err);
  for (const std::string user : {"u", "nobody"}) {
    service.send(R"({"user_id":")" + user +
                 R"(","results":[{"item_id":"i1","score":1},{"item_id":"ix","score":1}]})"
                 "\n");
    ASSERT_FALSE(service.answer().empty());
  }
  service.signal(SIGUSR1);
  const auto said = [&] { return read_file(err); };
  for (int i = 0; i < 600 && said().empty(); ++i) usleep(100'000);
  EXPECT_THAT(said(), ::testing::MatchesRegex("rerank: 2 lists answered, p50 [0-9.]+ ms, p99 [0-9.]+ ms, unknown users "
                                              "50.0 %, unknown items 50.0 %, cache built .* ago\n"))
      << "while it waits for the next line";
  service.close_input();
  EXPECT_EQ(service.finish(), 0);
  EXPECT_THAT(said().substr(said().find('\n') + 1), ::testing::HasSubstr("; 2 lists answered, p50 "));
}

}  // namespace
}  // namespace persona4rec::test
