; 062348a7e7a27f44ab80013c58d5454b8e3d401e129a70f5553c3f33d2b760df


; Function Attrs: nofree norecurse nosync nounwind memory(argmem: readwrite)
define noundef range(i32 -1, -2) i32 @trim_spans(ptr noalias writeonly captures(none) %retptr, ptr noalias readnone captures(none) %excinfo, ptr readonly captures(none) %arg.text, ptr captures(none) %arg.starts, ptr captures(none) %arg.ends, i64 %arg.rows, ptr writeonly captures(none) %arg.found) local_unnamed_addr #0 {
B0.endif:
  %.102213.not = icmp slt i64 %arg.rows, 1
  br i1 %.102213.not, label %common.ret, label %B42.endif.endif.preheader

B42.endif.endif.preheader:                        ; preds = %B0.endif
  br label %B42.endif.endif

B140:                                             ; preds = %B42.endif.endif
  %.219 = getelementptr i8, ptr %arg.text, i64 %.206
  %.220 = load i8, ptr %.219, align 1
  %0 = zext i8 %.220 to i32
  switch i32 %0, label %B332 [
    i32 32, label %B226.preheader
    i32 31, label %B226.preheader
    i32 30, label %B226.preheader
    i32 29, label %B226.preheader
    i32 28, label %B226.preheader
    i32 13, label %B226.preheader
    i32 12, label %B226.preheader
    i32 11, label %B226.preheader
    i32 10, label %B226.preheader
    i32 9, label %B226.preheader
  ]

B226.preheader:                                   ; preds = %B140, %B140, %B140, %B140, %B140, %B140, %B140, %B140, %B140, %B140
  %.286199 = add nsw i64 %.206, 1
  %.298200 = icmp slt i64 %.286199, %.297
  br i1 %.298200, label %B248.preheader, label %B332

B248.preheader:                                   ; preds = %B226.preheader
  br label %B248

B248:                                             ; preds = %B248.preheader, %B226.backedge
  %.286201 = phi i64 [ %.286, %B226.backedge ], [ %.286199, %B248.preheader ]
  %.304 = getelementptr i8, ptr %arg.text, i64 %.286201
  %.305 = load i8, ptr %.304, align 1
  %1 = zext i8 %.305 to i32
  switch i32 %1, label %B332.loopexit [
    i32 32, label %B226.backedge
    i32 31, label %B226.backedge
    i32 30, label %B226.backedge
    i32 29, label %B226.backedge
    i32 28, label %B226.backedge
    i32 13, label %B226.backedge
    i32 12, label %B226.backedge
    i32 11, label %B226.backedge
    i32 10, label %B226.backedge
    i32 9, label %B226.backedge
  ]

B226.backedge:                                    ; preds = %B248, %B248, %B248, %B248, %B248, %B248, %B248, %B248, %B248, %B248
  %.286 = add i64 %.286201, 1
  %exitcond.not = icmp eq i64 %.297, %.286
  br i1 %exitcond.not, label %B560.thread, label %B248

B332.loopexit:                                    ; preds = %B248
  br label %B332

B332:                                             ; preds = %B332.loopexit, %B140, %B226.preheader, %B42.endif.endif
  %start.3.2 = phi i64 [ %.206, %B140 ], [ %.206, %B42.endif.endif ], [ %.286199, %B226.preheader ], [ %.286201, %B332.loopexit ]
  %.364 = icmp slt i64 %start.3.2, %.357
  br i1 %.364, label %B344, label %B560

B344:                                             ; preds = %B332
  %2 = getelementptr i8, ptr %arg.text, i64 %.357
  %.372 = getelementptr i8, ptr %2, i64 -1
  %.373 = load i8, ptr %.372, align 1
  %3 = zext i8 %.373 to i32
  switch i32 %3, label %B560 [
    i32 32, label %B442.preheader
    i32 31, label %B442.preheader
    i32 30, label %B442.preheader
    i32 29, label %B442.preheader
    i32 28, label %B442.preheader
    i32 13, label %B442.preheader
    i32 12, label %B442.preheader
    i32 11, label %B442.preheader
    i32 10, label %B442.preheader
    i32 9, label %B442.preheader
  ]

B442.preheader:                                   ; preds = %B344, %B344, %B344, %B344, %B344, %B344, %B344, %B344, %B344, %B344
  %.440203 = add nsw i64 %.357, -1
  %.451204 = icmp slt i64 %start.3.2, %.440203
  br i1 %.451204, label %B464.preheader, label %B560

B464.preheader:                                   ; preds = %B442.preheader
  br label %B464

B464:                                             ; preds = %B464.preheader, %B442.backedge
  %.440206 = phi i64 [ %.440, %B442.backedge ], [ %.440203, %B464.preheader ]
  %scevgep = getelementptr i8, ptr %arg.text, i64 %.440206
  %scevgep25 = getelementptr i8, ptr %scevgep, i64 -1
  %.459 = load i8, ptr %scevgep25, align 1
  %4 = zext i8 %.459 to i32
  switch i32 %4, label %B560.loopexit [
    i32 32, label %B442.backedge
    i32 31, label %B442.backedge
    i32 30, label %B442.backedge
    i32 29, label %B442.backedge
    i32 28, label %B442.backedge
    i32 13, label %B442.backedge
    i32 12, label %B442.backedge
    i32 11, label %B442.backedge
    i32 10, label %B442.backedge
    i32 9, label %B442.backedge
  ]

B442.backedge:                                    ; preds = %B464, %B464, %B464, %B464, %B464, %B464, %B464, %B464, %B464, %B464
  %.440 = add nsw i64 %.440206, -1
  %.451 = icmp slt i64 %start.3.2, %.440
  br i1 %.451, label %B464, label %B560.thread.loopexit

B560.thread.loopexit:                             ; preds = %B442.backedge
  %5 = trunc i64 %start.3.2 to i32
  br label %B560.thread

B560.thread:                                      ; preds = %B226.backedge, %B560.thread.loopexit
  %end.3.1.ph = phi i32 [ %5, %B560.thread.loopexit ], [ %.174, %B226.backedge ]
  %sunkaddr = mul i64 %.108211214, 4
  %sunkaddr27 = getelementptr i8, ptr %arg.starts, i64 %sunkaddr
  store i32 %end.3.1.ph, ptr %sunkaddr27, align 4
  %sunkaddr28 = mul i64 %.108211214, 4
  %sunkaddr29 = getelementptr i8, ptr %arg.ends, i64 %sunkaddr28
  store i32 %end.3.1.ph, ptr %sunkaddr29, align 4
  br label %B711

B560.loopexit:                                    ; preds = %B464
  br label %B560

B560:                                             ; preds = %B560.loopexit, %B344, %B442.preheader, %B332
  %end.3.1 = phi i64 [ %.357, %B344 ], [ %.357, %B332 ], [ %.440203, %B442.preheader ], [ %.440206, %B560.loopexit ]
  %.518 = trunc i64 %start.3.2 to i32
  %sunkaddr30 = mul i64 %.108211214, 4
  %sunkaddr31 = getelementptr i8, ptr %arg.starts, i64 %sunkaddr30
  store i32 %.518, ptr %sunkaddr31, align 4
  %.524 = trunc i64 %end.3.1 to i32
  %sunkaddr32 = mul i64 %.108211214, 4
  %sunkaddr33 = getelementptr i8, ptr %arg.ends, i64 %sunkaddr32
  store i32 %.524, ptr %sunkaddr33, align 4
  %.531 = icmp slt i64 %start.3.2, %end.3.1
  br i1 %.531, label %B594, label %B711

B594:                                             ; preds = %B560
  %6 = getelementptr i8, ptr %arg.text, i64 %end.3.1
  %.540 = getelementptr i8, ptr %6, i64 -1
  %.541 = load i8, ptr %.540, align 1
  %.543 = icmp slt i8 %.541, 0
  br i1 %.543, label %B694, label %B624

B624:                                             ; preds = %B594
  %.547 = getelementptr i8, ptr %arg.text, i64 %start.3.2
  %.548 = load i8, ptr %.547, align 1
  %7 = zext i8 %.548 to i32
  switch i32 %7, label %B711 [
    i32 227, label %B694
    i32 226, label %B694
    i32 225, label %B694
    i32 194, label %B694
  ]

B694:                                             ; preds = %B624, %B624, %B624, %B624, %B594
  %.588 = add nsw i64 %doubtful.2.0216, 1
  br label %B711

common.ret:                                       ; preds = %B711, %B0.endif
  %doubtful.2.0.lcssa = phi i64 [ 0, %B0.endif ], [ %doubtful.3.1, %B711 ]
  store i64 %doubtful.2.0.lcssa, ptr %arg.found, align 8
  store ptr null, ptr %retptr, align 8
  ret i32 0

B711:                                             ; preds = %B560.thread, %B624, %B560, %B694
  %doubtful.3.1 = phi i64 [ %doubtful.2.0216, %B624 ], [ %.588, %B694 ], [ %doubtful.2.0216, %B560 ], [ %doubtful.2.0216, %B560.thread ]
  %exitcond223.not = icmp eq i64 %arg.rows, %.115
  br i1 %exitcond223.not, label %common.ret, label %B42.endif.endif

B42.endif.endif:                                  ; preds = %B42.endif.endif.preheader, %B711
  %doubtful.2.0216 = phi i64 [ %doubtful.3.1, %B711 ], [ 0, %B42.endif.endif.preheader ]
  %.108211214 = phi i64 [ %.115, %B711 ], [ 0, %B42.endif.endif.preheader ]
  %.115 = add nuw nsw i64 %.108211214, 1
  %.145 = getelementptr i32, ptr %arg.starts, i64 %.108211214
  %.146 = load i32, ptr %.145, align 4
  %.173 = getelementptr i32, ptr %arg.ends, i64 %.108211214
  %.174 = load i32, ptr %.173, align 4
  %.357 = sext i32 %.174 to i64
  %.297 = sext i32 %.174 to i64
  %.206 = sext i32 %.146 to i64
  %.212 = icmp slt i32 %.146, %.174
  br i1 %.212, label %B140, label %B332
}










attributes #0 = { nofree norecurse nosync nounwind memory(argmem: readwrite) }
attributes #1 = { noinline }

!0 = !{!"branch_weights", i32 49, i32 1}
