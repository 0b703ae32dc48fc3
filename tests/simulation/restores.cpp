#include "tests/simulation/restores.hpp"

#include <array>
#include <sstream>

namespace elsec::simulation {
namespace {

constexpr auto settling = 3s;  // after each step
constexpr std::array names{"north", "south", "west"};

class player {
 public:
  player(run& in, archive& copies) : in_(in), copies_(copies) {}

  void step(const std::string& word) {
    in_.world.tell("step " + word);
    if (const auto at = word.find('>'); at != std::string::npos) return send(word.substr(0, at), word.substr(at + 1));
    if (const auto at = word.find('+'); at != std::string::npos) {
      called_[word.substr(at + 1)] = copies_.take(*in_.nodes.at(word.substr(0, at)));
      return;
    }
    copies_.put_back(called_.at(word));
  }

  void start_all() const {
    for (auto& [name, one] : in_.nodes)
      if (!one->runs()) one->start();
  }

 private:
  void send(const std::string& from, const std::string& to) const {
    const auto of = [&](const std::string& node) {
      return std::ranges::find_if(in_.offices, [&](const auto& one) { return one->who().node == node; });
    };
    (*of(from))->send_to((*of(to))->who());
  }

  run& in_;
  archive& copies_;
  std::map<std::string, std::size_t> called_;
};

}  // namespace

const std::vector<exact_restores>& known_restores() {
  static const std::vector<exact_restores> all{
      {"the sender", "north>south north+a north>south a north>south"},
      {"the sender, to a copy with more than was acknowledged", "north>south north>south&north+a north>south a"},
      {"the receiver", "south+a north>south north>south a north>south"},
      {"the sender, then the receiver to a copy from before",
       "north>south south+b north>south north+a north>south a north>south north>south b north>south"},
      {"the sender, then the receiver to one of what the sender forgot",
       "north>south north+a north>south north>south south+b a north>south north>south north>south b north>south"},
      {"the receiver, then the sender to a copy from before",
       "north>south north+a south+b north>south b north>south a north>south"},
      {"both at once, to copies of one moment", "north>south north+a&south+b north>south south>north a&b north>south"},
      {"both at once, the receiver to an older one",
       "north>south south+b north>south north+a north>south south>north a&b north>south south>north"},
      {"both at once, the sender to an older one",
       "north>south north+a north>south south+b north>south south>north a&b north>south south>north"},
      {"the sender twice to the same, then the receiver to a copy from between",
       "north>south north+a north>south a north>south south+b north>south a north>south north>south b"},
      {"the sender back and forth between two lives",
       "north>south north+a north>south a north>south north+c north>south a north>south c north>south north>south"},
      {"the receiver back and forth between two lives",
       "north>south south+a north>south south+b north>south a north>south b north>south south>north"},
      {"all three", "north>south north+a south+b west+c north>south west>north south>west a&b&c north>west west>south"},
  };
  return all;
}

std::string restores_by_chance(chance& dice) {
  std::ostringstream steps;
  unsigned copies = 0;
  for (auto left = 6 + dice.below(10); left > 0; --left) {
    const auto from = dice.below(names.size());
    // Mostly between the same two.
    const auto to = (from + (dice.happens(0.2) ? 2 : 1)) % names.size();
    if (dice.happens(0.5))
      steps << names[from] << '>' << names[to];
    else if (copies == 0 || dice.happens(0.5))
      steps << names[from] << '+' << copies++;
    else
      steps << dice.below(copies);
    steps << (dice.happens(0.2) ? '&' : ' ');
  }
  steps << "north>south";
  return steps.str();
}

void play(run& in, archive& copies, const std::string& steps) {
  player one(in, copies);
  std::istringstream moments(steps);
  for (std::string together; moments >> together;) {
    std::istringstream words(together);
    for (std::string word; std::getline(words, word, '&');) one.step(word);
    one.start_all();
    in.pass(settling);
  }
}

}  // namespace elsec::simulation
