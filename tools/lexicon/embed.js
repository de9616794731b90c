// embed.js - a C file that places another file's bytes in the read-only data.
// SPDX-License-Identifier: MIT
'use strict';
const crypto = require('crypto');
const path = require('path');

// The digest is in the text, so that the object is made again when the bytes change.
function embed(name, file, bytes) {
  const digest = crypto.createHash('sha256').update(bytes).digest('hex');
  const quoted = path.resolve(file).replace(/(["\\])/g, '\\$1').replace(/(["\\])/g, '\\$1');
  return `/* The bytes ${digest}, made when the program was built. */
__asm__(".pushsection .rodata, \\"a\\", %progbits\\n"
        ".balign 64\\n"
        ".globl ${name}_bytes\\n"
        ".hidden ${name}_bytes\\n"
        "${name}_bytes:\\n"
        ".incbin \\"${quoted}\\"\\n"
        ".globl ${name}_bytes_end\\n"
        ".hidden ${name}_bytes_end\\n"
        "${name}_bytes_end:\\n"
        ".byte 0\\n"
        ".popsection\\n");
typedef int ${name}_data_is_here;
`;
}

module.exports = { embed };
