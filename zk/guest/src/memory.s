# What the compiler expects for memory: memcpy, memmove, memset, memcmp and bcmp. A cycle is an
# instruction here, and most copies have 16 to 64 bytes, so they go by words wherever they can.

	.section .text.memory,"ax",@progbits

# a0 = memcpy(a0: to, a1: from, a2: bytes). It goes upwards, so `to` may overlap a greater `from`.
	.globl memcpy
	.type memcpy, @function
memcpy:
	mv t0, a0
	or t1, a0, a1
	andi t1, t1, 3
	bnez t1, 4f
	# Both are aligned: 64 bytes at a time, then 16, then words.
1:	sltiu t1, a2, 64
	bnez t1, 11f
2:	lw t1, 0(a1)
	lw t2, 4(a1)
	lw t3, 8(a1)
	lw t4, 12(a1)
	lw t5, 16(a1)
	lw t6, 20(a1)
	lw a3, 24(a1)
	lw a4, 28(a1)
	sw t1, 0(t0)
	sw t2, 4(t0)
	sw t3, 8(t0)
	sw t4, 12(t0)
	sw t5, 16(t0)
	sw t6, 20(t0)
	sw a3, 24(t0)
	sw a4, 28(t0)
	lw t1, 32(a1)
	lw t2, 36(a1)
	lw t3, 40(a1)
	lw t4, 44(a1)
	lw t5, 48(a1)
	lw t6, 52(a1)
	lw a3, 56(a1)
	lw a4, 60(a1)
	sw t1, 32(t0)
	sw t2, 36(t0)
	sw t3, 40(t0)
	sw t4, 44(t0)
	sw t5, 48(t0)
	sw t6, 52(t0)
	sw a3, 56(t0)
	sw a4, 60(t0)
	addi a2, a2, -64
	addi a1, a1, 64
	addi t0, t0, 64
	sltiu t1, a2, 64
	beqz t1, 2b
11:	sltiu t1, a2, 16
	bnez t1, 3f
	lw t1, 0(a1)
	lw t2, 4(a1)
	lw t3, 8(a1)
	lw t4, 12(a1)
	sw t1, 0(t0)
	sw t2, 4(t0)
	sw t3, 8(t0)
	sw t4, 12(t0)
	addi a2, a2, -16
	addi a1, a1, 16
	addi t0, t0, 16
	j 11b
3:	sltiu t1, a2, 4
	bnez t1, 8f
	lw t1, 0(a1)
	sw t1, 0(t0)
	addi a2, a2, -4
	addi a1, a1, 4
	addi t0, t0, 4
	j 3b

	# One is not aligned. Few bytes are copied one by one.
4:	sltiu t1, a2, 12
	bnez t1, 8f
	# Bytes until `to` is aligned.
5:	andi t1, t0, 3
	beqz t1, 6f
	lbu t1, 0(a1)
	sb t1, 0(t0)
	addi a2, a2, -1
	addi a1, a1, 1
	addi t0, t0, 1
	j 5b
6:	andi t1, a1, 3
	beqz t1, 1b
	# Words of `to` from two words each of `from`, which is t1 bytes behind a word. At least 9 bytes are
	# left, so a word is read only if it has one of them.
	sub a3, a1, t1
	slli t5, t1, 3
	neg t6, t5
	lw t1, 0(a3)
	srl t1, t1, t5
	# 16 bytes at a time, then words.
7:	sltiu t3, a2, 20
	bnez t3, 12f
	lw t2, 4(a3)
	sll t3, t2, t6
	or t1, t1, t3
	sw t1, 0(t0)
	srl t1, t2, t5
	lw t2, 8(a3)
	sll t3, t2, t6
	or t1, t1, t3
	sw t1, 4(t0)
	srl t1, t2, t5
	lw t2, 12(a3)
	sll t3, t2, t6
	or t1, t1, t3
	sw t1, 8(t0)
	srl t1, t2, t5
	lw t2, 16(a3)
	sll t3, t2, t6
	or t1, t1, t3
	sw t1, 12(t0)
	srl t1, t2, t5
	addi a3, a3, 16
	addi a1, a1, 16
	addi t0, t0, 16
	addi a2, a2, -16
	j 7b
12:	lw t2, 4(a3)
	sll t3, t2, t6
	or t1, t1, t3
	sw t1, 0(t0)
	srl t1, t2, t5
	addi a3, a3, 4
	addi a1, a1, 4
	addi t0, t0, 4
	addi a2, a2, -4
	sltiu t3, a2, 4
	beqz t3, 12b

	# What is left, byte by byte.
8:	beqz a2, 10f
9:	lbu t1, 0(a1)
	sb t1, 0(t0)
	addi a2, a2, -1
	addi a1, a1, 1
	addi t0, t0, 1
	bnez a2, 9b
10:	ret
	.size memcpy, . - memcpy

# a0 = memmove(a0: to, a1: from, a2: bytes). Both may overlap.
	.globl memmove
	.type memmove, @function
memmove:
	sub t0, a0, a1
	bgeu t0, a2, memcpy
	# `to` is within what is copied: downwards, by words if both are aligned.
	add t0, a0, a2
	add t1, a1, a2
	or t2, a0, a1
	or t2, t2, a2
	andi t2, t2, 3
	bnez t2, 3f
1:	beqz a2, 2f
	addi t0, t0, -4
	addi t1, t1, -4
	lw t2, 0(t1)
	sw t2, 0(t0)
	addi a2, a2, -4
	j 1b
2:	ret
3:	beqz a2, 2b
	addi t0, t0, -1
	addi t1, t1, -1
	lbu t2, 0(t1)
	sb t2, 0(t0)
	addi a2, a2, -1
	j 3b
	.size memmove, . - memmove

# a0 = memset(a0: to, a1: byte, a2: bytes).
	.globl memset
	.type memset, @function
memset:
	mv t0, a0
	andi a1, a1, 255
1:	andi t1, t0, 3
	beqz t1, 2f
	beqz a2, 6f
	sb a1, 0(t0)
	addi a2, a2, -1
	addi t0, t0, 1
	j 1b
	# The byte four times.
2:	slli t1, a1, 8
	or t1, t1, a1
	slli t2, t1, 16
	or t1, t1, t2
3:	sltiu t2, a2, 16
	bnez t2, 4f
	sw t1, 0(t0)
	sw t1, 4(t0)
	sw t1, 8(t0)
	sw t1, 12(t0)
	addi a2, a2, -16
	addi t0, t0, 16
	j 3b
4:	sltiu t2, a2, 4
	bnez t2, 5f
	sw t1, 0(t0)
	addi a2, a2, -4
	addi t0, t0, 4
	j 4b
5:	beqz a2, 6f
	sb a1, 0(t0)
	addi a2, a2, -1
	addi t0, t0, 1
	j 5b
6:	ret
	.size memset, . - memset

# a0 = memcmp(a0: left, a1: right, a2: bytes): 0 if they are equal, else below or above 0 as the first
# byte that differs.
	.globl bcmp
	.type bcmp, @function
	.globl memcmp
	.type memcmp, @function
bcmp:
memcmp:
	or t0, a0, a1
	andi t0, t0, 3
	bnez t0, 2f
	# Both are aligned: words as long as they are equal.
1:	sltiu t0, a2, 4
	bnez t0, 2f
	lw t1, 0(a0)
	lw t2, 0(a1)
	bne t1, t2, 2f
	addi a0, a0, 4
	addi a1, a1, 4
	addi a2, a2, -4
	j 1b
2:	beqz a2, 3f
	lbu t1, 0(a0)
	lbu t2, 0(a1)
	addi a0, a0, 1
	addi a1, a1, 1
	addi a2, a2, -1
	beq t1, t2, 2b
	sub a0, t1, t2
	ret
3:	li a0, 0
	ret
	.size bcmp, . - bcmp
	.size memcmp, . - memcmp
