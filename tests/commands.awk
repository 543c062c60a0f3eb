# SPDX-License-Identifier: MIT
# The commands in a page's sections (-v sections='A|B'), one to a line, newlines of their own
# as \001.  In a block between .EX and .EE, a line that begins with "$ " is a command, "> "
# goes on with it, and what is neither is not run.
/^\.SH / { on = $0 ~ sections }
/^\.EX/ { block = on; next }
/^\.EE/ { if (cmd != "") print cmd; cmd = ""; block = 0; next }
!block { next }
{
	gsub(/\\-/, "-"); gsub(/\\&/, ""); gsub(/\\\(aq/, "\047")
	gsub(/\\\(dq/, "\""); gsub(/\\\(ga/, "`")
	gsub(/\\\(rs|\\e/, "\\")
}
/^\$ / { if (cmd != "") print cmd; cmd = substr($0, 3); next }
/^> / && cmd != "" { cmd = cmd "\001" substr($0, 3) }
