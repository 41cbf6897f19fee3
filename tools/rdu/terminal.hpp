// A terminal as a page that is drawn anew: keys come at once, and everything is as before when it ends.
#pragma once

#include <termios.h>

#include <string>

namespace rdu::tool {

class Terminal {
 public:
  // Is there one to draw on and to read keys from?
  static bool is_there();

  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // As much of the lines as fits.
  void draw(const std::string& page);
  // Waits: a key, '\0' where none came in time or the size changed. 'q' also where the user interrupts.
  char wait(double seconds);

 private:
  termios before_ = {};
};

}  // namespace rdu::tool
